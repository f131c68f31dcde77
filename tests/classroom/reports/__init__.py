"""Tests of autograder/classroom/reports."""
