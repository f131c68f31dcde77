"""Tests of autograder/grading/gradebook."""
