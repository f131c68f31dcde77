"""Which notebook of the course is this file? By the ids of its cells, else by their text, never by its name.

A learner's file may be called anything, and a file of the right name may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autograder.core.errors import GradingError
from autograder.grading.assignment.snapshot import grade_id
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.submission import notebook_file

_TELLING = 40
"""Characters from which on a cell's text is no coincidence."""


@dataclass(frozen=True)
class CourseNotebook:
    """A notebook of the course: the ids of its cells, nbgrader's and Jupyter's, and their longer texts."""

    lesson: str
    notebook: str
    ids: frozenset[str]
    texts: frozenset[str]


@dataclass(frozen=True)
class Identity:
    """The notebook that a file is a copy of, or None with the reason. `note` says how it was recognized."""

    original: CourseNotebook | None
    reason: str = ""
    note: str = ""


def notebooks(classroom: Classroom) -> tuple[CourseNotebook, ...]:
    """Every notebook of source/. Raises GradingError where one cannot be read."""
    found = []
    for lesson in classroom.assignments():
        for path in sorted(classroom.path("source", ".", lesson).glob("*.ipynb")):
            cells = notebook_file.read(path.read_bytes())[0]["cells"]
            found.append(CourseNotebook(lesson, path.stem, _ids(cells), _texts(cells)))
    return tuple(found)


def of(data: bytes, stem: str, course: Iterable[CourseNotebook]) -> Identity:
    """Recognize the notebook of the course that a submitted notebook is a copy of.

    Args:
        data: The submitted notebook file.
        stem: Its name without the ending; it only decides between notebooks that fit equally well.
        course: The notebooks of the course.

    Returns:
        The notebook, or None with the reason. A notebook that lost its cells' ids is recognized by its text.
    """
    try:
        cells = notebook_file.read(data)[0]["cells"]
    except GradingError as error:
        return Identity(None, str(error))
    course = tuple(course)
    ids, texts = _ids(cells), _texts(cells)
    if known := _nearest(course, stem, lambda one: len(one.ids & ids)):
        return Identity(known)
    if known := _nearest(course, stem, lambda one: len(one.texts & texts)):
        return Identity(known, note="known by its text: its cells lost their ids")
    return Identity(None, "it is a notebook, but none of this course")


def _nearest(
    course: tuple[CourseNotebook, ...], stem: str, shared: Callable[[CourseNotebook], int]
) -> CourseNotebook | None:
    # Lessons that were made from one another share cells; then the name decides.
    best = max(course, key=lambda one: (shared(one), _is_named(stem, one)), default=None)
    return best if best and shared(best) else None


def _is_named(stem: str, known: CourseNotebook) -> bool:
    return re.match(re.escape(known.notebook) + r"(?![^\W_])", stem) is not None


def _ids(cells: Iterable[Mapping[str, object]]) -> frozenset[str]:
    found = {name for cell in cells if (name := grade_id(cell))}
    return frozenset(found | {id_ for cell in cells if isinstance(id_ := cell.get("id"), str)})


def _texts(cells: Iterable[Mapping[str, object]]) -> frozenset[str]:
    found = set()
    for cell in cells:
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if isinstance(source, str) and len(text := " ".join(source.split())) >= _TELLING:
            found.add(text)
    return frozenset(found)
