"""Warm Python, forked once a job, with an IPython kernel in it."""
