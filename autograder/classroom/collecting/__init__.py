"""A download -> submitted/."""
