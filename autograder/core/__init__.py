"""What an exercise is, and how an answer to it is judged. Only `catalog` reads files, only `files` writes."""
