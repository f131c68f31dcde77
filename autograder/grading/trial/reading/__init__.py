"""What the text of tests, given cells and answers says: what a test reaches, which names a cell touches."""
