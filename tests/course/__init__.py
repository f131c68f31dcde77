"""Tests of autograder/course."""
