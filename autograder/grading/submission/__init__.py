"""Repairs a submitted notebook against its assignment."""
