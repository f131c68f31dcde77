"""Tests of autograder/grading/trial."""
