"""Tests of autograder/classroom/roster."""
