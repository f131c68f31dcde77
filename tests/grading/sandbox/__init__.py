"""Tests of autograder/grading/sandbox."""
