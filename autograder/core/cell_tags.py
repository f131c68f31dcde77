"""The tags of notebook cells that grading knows. Released notebooks carry them: never rename one."""

NOT_GRADED = "not-graded"
"""A cell that only illustrates: it is not run when grading. nbgrader_config.py names this tag, too."""
SAME_PROCESS = "same-process"
"""A test that its instructor lets run in the student's own process."""

AFTER_HIDDEN_TESTS = "autograder_after_hidden_tests"
"""No tag, but a key of an autograded answer's metadata: a hidden test ran before it in the same process."""
