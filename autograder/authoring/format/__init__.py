"""The text of a lesson: cells, roles, exercises, mistakes, and the canonical form."""
