"""A sample class, made from a lesson: every kind of submission that a teacher meets in a first week."""

from __future__ import annotations

import copy
import datetime as dt
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.authoring.building import placement, settings
from autograder.authoring.evaluation import evaluate
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format import lesson
from autograder.authoring.format.solution_stub import BEGIN, END
from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.core.python_literals import literal
from autograder.core.values import graded
from autograder.course import lesson_json
from autograder.course.course_toml import Course

DUE = dt.datetime(2030, 1, 7, 12, 0)
"""When the sample assignment is due; any date will do, as long as it stays."""

Answers = Mapping[str, str]
"""The source of the answer cell by exercise id; an exercise that is not named stays untouched."""


@dataclass(frozen=True)
class Sample:
    """One made-up submission. `answers` None: the notebook is missing."""

    student: str
    answers: Answers | None
    late: dt.timedelta = field(default=dt.timedelta(hours=-1))


def samples(exercises: tuple[Evaluated, ...]) -> Iterator[Sample]:
    """The sample class: named by what is in the submission, since nobody is behind it."""
    right = {one.text.id: solved_source(one) for one in exercises}
    ids = list(right)
    first_half = {name: right[name] for name in ids[: len(ids) // 2]}
    yield Sample("all-right", right)
    yield Sample("all-blank", {})
    yield Sample("first-half", first_half)
    yield Sample("late", right, dt.timedelta(days=1, hours=6))
    yield Sample("syntax-error", {**right, ids[0]: right[ids[0]] + "\nthis is = not Python"})
    yield Sample("endless-loop", {**right, ids[-1]: "while True:\n    pass"})
    yield Sample("missing-notebook", None)
    for number in range(max(len(one.mistakes) for one in exercises)):
        # Student n makes the n-th mistake of every exercise that has so many.
        wrong = {one.text.id: mistaken_source(one, number) for one in exercises if number < len(one.mistakes)}
        yield Sample(f"mistakes-{number + 1:02d}", {**right, **wrong})


def solved_source(one: Evaluated) -> str:
    """What a learner with the right answer has in the cell: the number, or the functions."""
    if one.text.answers:
        marks = (BEGIN, END)
        return "\n".join(line for line in one.text.solution.source.splitlines() if line.strip() not in marks)
    return "\n".join(_typed(name, one.references[name], one.text.tolerances[name]) for name in one.text.names)


def mistaken_source(one: Evaluated, number: int) -> str:
    """What a learner who made the mistake `number` has in the cell."""
    mistake, values = one.mistakes[number]
    if one.text.answers:
        return f"{solved_source(one)}\n\n\n{mistake.code}"
    return "\n".join(_typed(name, values[name], one.text.tolerances[name]) for name in one.text.names)


def _typed(name: str, value: object, tolerance: float) -> str:
    # Two decimals beyond the tolerance: as somebody copies it from a pocket calculator.
    return f"{name} = {literal(graded(value, tolerance * 10))}"


def write(course: Course, name: str, folder: Path) -> list[str]:
    """Write a course directory with the sample class of one lesson.

    Files that are already as they should be are left alone, so that grading again has nothing to do.

    Args:
        course: The course.
        name: The name of the lesson.
        folder: The course directory to write, with source/, release/ and submitted/.

    Returns:
        The students.

    Raises:
        CourseError: The lesson is not built.
    """
    release = course.root / "release" / name / f"{name}.ipynb"
    if not release.exists():
        raise CourseError(f"{release} is missing. Run: autograder build {name[:2]}")
    folder.mkdir(exist_ok=True)
    settings.settle(course)
    _copy(course.root / settings.CONFIG, folder / settings.CONFIG)
    for kind in placement.KINDS:
        home = course.root / kind / name
        for file in placement.files_in(home):
            _copy(home / file, folder / kind / name / file)
    notebook = nbformat.read(release, as_version=4)
    students = []
    for sample in samples(evaluate.evaluate(lesson.read(course.path(name)))):
        home = folder / "submitted" / sample.student / name
        students.append(sample.student)
        _write(home / "timestamp.txt", f"{DUE + sample.late:%Y-%m-%d %H:%M:%S} UTC\n")
        if sample.answers is None:
            _write(home / "answers.txt", "kl = 0.0258\n")
            continue
        _write(home / f"{name}.ipynb", nbformat.writes(filled_in(notebook, sample.answers)) + "\n")
        _copy(release.with_name(lesson_json.FILE), home / lesson_json.FILE)
    return students


def filled_in(notebook: NotebookNode, answers: Answers) -> NotebookNode:
    """A copy of a release notebook with `answers` in its answer cells."""
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        keys = cell.metadata.get("nbgrader", {})
        if keys.get("solution"):
            cell.source = answers.get(keys["grade_id"].removesuffix("-answer"), cell.source)
    return made


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_whole(path, text)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)
