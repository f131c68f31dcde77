"""Tests of autograder/classroom/collecting."""
