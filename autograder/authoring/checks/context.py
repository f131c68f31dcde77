"""What the promises of a lesson are checked on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.evaluation.prepare import Picture
from autograder.authoring.format.lesson import LessonText
from autograder.core.errors import Problem
from autograder.core.model import Exercise
from autograder.course.course_toml import Course


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
