"""What a lesson's notebook imports: `check` and `hint`. Nothing else is public."""

from autograder.study.check import check, hint

__all__ = ["check", "hint"]
