"""Tests of autograder/classroom/lms."""
