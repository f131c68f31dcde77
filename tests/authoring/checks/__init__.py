"""Tests of autograder/authoring/checks."""
