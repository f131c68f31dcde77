"""What a lesson's notebook imports: `check`, `hint`, `review`, `progress`.

What else is public, and stays, is listed in docs/dev/architecture.md under "Public and private".
"""

from autograder.study.check import check, hint
from autograder.study.progress import progress
from autograder.study.review import review

__all__ = ["check", "hint", "progress", "review"]
