"""What pip calls this package. It is not the import name: on PyPI `autograder` is somebody else's."""

DISTRIBUTION = "generative-models-course"
"""As in pyproject.toml; a test compares the two."""
WHEEL_STEM = DISTRIBUTION.replace("-", "_")
"""How the file name of its wheel begins."""
