"""Python values as JSON data and back, between two processes that distrust each other."""
