"""The analysis of a class as HTML and as JSON."""
