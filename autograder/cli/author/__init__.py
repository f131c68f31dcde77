"""The verbs of an author."""
