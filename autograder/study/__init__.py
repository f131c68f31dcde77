"""What lives in a learner's notebook. Nothing here loads numpy, nbgrader or jupytext."""
