"""Tests of autograder/classroom/feedback."""
