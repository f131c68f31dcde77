"""Tests of autograder/publishing."""
