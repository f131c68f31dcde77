"""Tests of the project as a whole: its rooms, its lessons, its pages, what an operator copies."""
