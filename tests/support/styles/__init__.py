"""Honest ways to write an answer and its test, as notebooks; what stock nbgrader gives for each."""
