"""Tests of autograder/grading/forkserver."""
