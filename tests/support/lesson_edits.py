"""Edits of the tiny course's lesson, and the problems that they must bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograder.authoring.checks.verify import verify
from autograder.core.errors import Problem
from autograder.course.course_toml import Course


class Case(NamedTuple):
    """An edit of tests/support/tiny_course/lessons/01-coins.md and the one problem that it must bring.

    `at` is the line's own text after the edit (its first occurrence), or its number.
    """

    name: str
    edits: Sequence[tuple[str, str]]
    at: str | int
    says: str
    remedy: str


def edited(course: Course, edits: Sequence[tuple[str, str]]) -> str:
    """Edit the course's lesson: in each (old, new) the first `old` becomes `new`. Returns the new text."""
    path = course.path("01-coins")
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"the edit does not fit the lesson: {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return text


def line_of(text: str, at: str | int) -> int:
    """The 1-based number of the first line that is `at`, leading blanks aside."""
    if isinstance(at, int):
        return at
    return [line.lstrip() for line in text.splitlines()].index(at) + 1


def problems_of(course: Course) -> list[Problem]:
    """The problems that an author sees, without those of files that are not built."""
    promises = verify(course, "01-coins")
    return [problem for one in promises for problem in one.problems if "built file" not in problem.problem]
