"""The context of a check: a lesson with its values, pictures and built files."""

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
"""What a check yields: problems, and numbers of cases that it looked at."""
