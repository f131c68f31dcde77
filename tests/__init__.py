"""The tests; the course for most of them is in tests/support/tiny_course/."""
