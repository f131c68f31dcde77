"""The roles of a lesson's cells: how each is read, and what of it is in the notebook."""
