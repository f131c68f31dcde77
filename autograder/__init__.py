"""What a lesson's notebook imports: `check`, `hint`, `review`, `progress`. Nothing else is public."""

from autograder.study.check import check, hint
from autograder.study.progress import progress
from autograder.study.review import review

__all__ = ["check", "hint", "progress", "review"]
