"""Dishonest submissions of plain nbgrader courses, and what an honest reading of each may earn."""
