"""Tests of autograder/grading/submission."""
