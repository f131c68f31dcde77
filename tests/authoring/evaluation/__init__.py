"""Tests of autograder/authoring/evaluation."""
