"""Tests of autograder/hub."""
