"""The tags of notebook cells that grading knows. Released notebooks carry them: never rename one."""

NOT_GRADED = "not-graded"
"""A cell that only illustrates: it is not run when grading. nbgrader_config.py names this tag, too."""
SAME_PROCESS = "same-process"
"""A test that its instructor lets run in the student's own process."""
