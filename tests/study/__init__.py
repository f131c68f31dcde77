"""Tests of autograder/study."""
