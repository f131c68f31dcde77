"""The verbs of an instructor."""
