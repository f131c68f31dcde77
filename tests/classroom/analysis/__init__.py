"""Tests of autograder/classroom/analysis."""
