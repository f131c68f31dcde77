"""A JupyterHub class to try, and nbgrader's exchange for hubs."""
