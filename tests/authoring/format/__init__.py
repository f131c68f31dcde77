"""Tests of autograder/authoring/format."""
