"""Tests of autograder/grading/rpc."""
