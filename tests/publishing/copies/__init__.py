"""Tests of autograder/publishing/copies."""
