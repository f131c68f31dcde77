"""Around grading: people, files, pages."""
