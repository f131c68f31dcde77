"""Judging submitted notebooks, into nbgrader's own gradebook."""
