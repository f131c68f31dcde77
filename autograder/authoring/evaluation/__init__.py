"""Runs a lesson's code: the values of its exercises, the pictures of its figures."""
