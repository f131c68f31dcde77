"""Learners' own copies of lessons, opened in JupyterLab."""
