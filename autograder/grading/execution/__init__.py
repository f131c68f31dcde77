"""Runs one repaired notebook and marks it: a pure function."""
