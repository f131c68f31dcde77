"""Tests of autograder/grading."""
