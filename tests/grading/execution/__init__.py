"""Tests of autograder/grading/execution."""
