"""Tests of autograder/grading/dispatch."""
