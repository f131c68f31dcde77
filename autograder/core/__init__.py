"""What an exercise is, and how an answer to it is judged. No file is read or written here but by `catalog`."""
