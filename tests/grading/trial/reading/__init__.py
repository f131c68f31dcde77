"""Tests of autograder/grading/trial/reading."""
