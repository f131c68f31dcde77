"""`autograder hub`: a JupyterHub class on this machine, to try."""
