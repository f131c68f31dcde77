"""A cell of a lesson, with its role and its line in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import Problem


@dataclass(frozen=True)
class Cell:
    """One cell: `line` is the 1-based line of the first line of `source` in the file."""

    path: Path
    line: int
    kind: str
    role: str
    source: str
    keys: Mapping[str, object]

    @property
    def is_given(self) -> bool:
        """Whether it is given code: code without a role."""
        return self.kind == "code" and not self.role

    def problem(self, problem: str, remedy: str, offset: int = 0) -> Problem:
        """A problem in this cell.

        Args:
            problem: What is wrong.
            remedy: What to type instead.
            offset: How many lines below the first line of the cell.
        """
        return Problem(self.path, self.line + offset, problem, remedy)
