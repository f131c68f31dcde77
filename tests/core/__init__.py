"""Tests of autograder/core."""
