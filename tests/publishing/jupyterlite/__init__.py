"""Tests of autograder/publishing/jupyterlite."""
