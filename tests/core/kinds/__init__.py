"""Tests of autograder/core/kinds."""
