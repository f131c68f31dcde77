"""The course's promises, each checked and counted. A broken promise is a Problem: path, line, remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.authoring import evaluate, lesson, sealing
from autograder.authoring.build import built_aside
from autograder.authoring.course import Course
from autograder.authoring.promises import PROMISES, Found, Subject
from autograder.core.errors import AutograderError, LessonError, Problem


@dataclass(frozen=True)
class Promise:
    """One promise of a lesson: what it says, how many cases were looked at, and what broke it."""

    words: str
    count: int
    problems: tuple[Problem, ...]


def verify(course: Course, name: str) -> list[Promise]:
    """Check every promise of one lesson. What stops all further checks comes back as the only promise."""
    try:
        text = lesson.read(course.path(name))
        evaluated = evaluate.evaluate(text)
        sealed = dict(sealing.seal_lesson(text, evaluated).exercises)
        with built_aside(course, [name], prove=False) as aside:
            subject = Subject(course, text, evaluated, sealed, aside)
            return [_keep(words, promise, subject) for words, promise in PROMISES]
    except LessonError as error:
        return [Promise("the lesson is well formed and its code runs", 1, error.problems)]
    except AutograderError as error:
        problem = Problem(course.path(name), 1, str(error), "Mend what nbgrader names, then verify again.")
        return [Promise("the lesson builds", 1, (problem,))]


def _keep(words: str, promise: Callable[[Subject], Found], subject: Subject) -> Promise:
    found = list(promise(subject))
    return Promise(
        words,
        sum(item for item in found if isinstance(item, int)),
        tuple(item for item in found if isinstance(item, Problem)),
    )
