"""What the promises of a lesson are checked on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.course import Course
from autograder.authoring.evaluate import Evaluated
from autograder.authoring.lesson import LessonText
from autograder.authoring.notebook import Picture
from autograder.core.errors import Problem
from autograder.core.exercise import Exercise


@dataclass(frozen=True)
class Subject:
    """A lesson read, run, drawn, sealed, and built into the folder `aside`."""

    course: Course
    text: LessonText
    evaluated: tuple[Evaluated, ...]
    pictures: tuple[Picture, ...]
    sealed: dict[str, Exercise]
    aside: Path


Found = Iterator[Problem | int]
"""A promise yields problems, and the number of cases it looked at."""
