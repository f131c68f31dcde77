"""The verbs of an operator."""
