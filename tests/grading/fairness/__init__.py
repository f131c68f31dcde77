"""Honest submissions earn what stock nbgrader gives them; dishonest ones what an honest reading gives."""
