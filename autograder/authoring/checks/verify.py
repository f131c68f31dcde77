"""The course's promises, each checked and counted. A broken promise is a Problem: path, line, remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from autograder.authoring.building import sealing
from autograder.authoring.building.build import aside_of, write
from autograder.authoring.checks.context import Found, Subject
from autograder.authoring.checks.registry import PROMISES
from autograder.authoring.evaluation import workplace
from autograder.authoring.evaluation.prepare import prepare
from autograder.authoring.evaluation.time_limit import allowed
from autograder.authoring.evaluation.workers import each_lesson
from autograder.core.errors import AutograderError, LessonError, Problem
from autograder.course.course_toml import Course


@dataclass(frozen=True)
class Promise:
    """One promise of a lesson: what it says, how many cases were looked at, and what broke it."""

    words: str
    count: int
    problems: tuple[Problem, ...]


def verify_all(course: Course, lessons: Sequence[str]) -> Iterator[tuple[str, list[Promise]]]:
    """(lesson, its promises) in order, on all cores."""
    # A lesson whose process is ended cannot clean up, so the folder is made here.
    with aside_of(course) as aside:
        for name, promises in each_lesson(partial(verify, course, aside=aside), lessons):
            if isinstance(promises, LessonError):  # its process was ended
                promises = [_unread(promises)]
            if isinstance(promises, AutograderError):
                raise promises
            yield name, promises


def verify(course: Course, name: str, aside: Path | None = None) -> list[Promise]:
    """Check every promise of one lesson.

    Args:
        course: The course.
        name: The name of the lesson.
        aside: The folder that the lesson is built into, None for one that is removed afterwards.

    Returns:
        The promises with their problems. A fault that stops all further checks is the only promise.
    """
    try:
        # Open to the end: solutions and proofs run again, with modules that were imported from there.
        with (
            allowed(course.seconds),
            workplace.opened(course.path(name)),
            nullcontext(aside) if aside else aside_of(course) as folder,
        ):
            ready = prepare(course.path(name))
            sealed = dict(sealing.seal_lesson(ready.text, ready.evaluated).exercises)
            write(course, ready, folder)
            subject = Subject(course, ready.text, ready.evaluated, ready.pictures, sealed, folder)
            return [_keep(words, promise, subject) for words, promise in PROMISES]
    except LessonError as error:
        return [_unread(error)]
    except AutograderError as error:
        problem = Problem(course.path(name), 1, str(error), "Mend what nbgrader names, then verify again.")
        return [Promise("the lesson builds", 1, (problem,))]


def _unread(error: LessonError) -> Promise:
    return Promise("the lesson is well formed and its code runs", 1, error.problems)


def _keep(words: str, promise: Callable[[Subject], Found], subject: Subject) -> Promise:
    found = list(promise(subject))
    return Promise(
        words,
        sum(item for item in found if isinstance(item, int)),
        tuple(item for item in found if isinstance(item, Problem)),
    )
