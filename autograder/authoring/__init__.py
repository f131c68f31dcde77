"""Text -> course: lessons in Markdown become notebooks, and the course's promises are checked."""
