"""Tests of autograder/authoring/building."""
