"""Around grading: people, platforms, what they hand in, and what they get back."""
