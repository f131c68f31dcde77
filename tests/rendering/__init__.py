"""Tests of autograder/rendering."""
