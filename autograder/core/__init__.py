"""What an exercise is, and how an answer to it is judged. No input or output but `atomic_write`."""
