"""Tests of autograder/grading/values."""
