"""The marks of a course of styles, from the engine and from stock nbgrader.

Marks are plain values, as JSON holds them: by style, student and grade id the points, None where a person
must look. A submission that could not be graded has its reason under the grade id "".
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.core.errors import GradingError
from autograder.grading.dispatch.engine import Engine, Settings, preload_for
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from tests.support.styles import course
from tests.support.styles.notebook_text import Style

Marks = dict[str, dict[str, dict[str, float | str | None]]]
Flags = dict[str, dict[str, Mapping[str, str]]]
"""By style and student: by grade id of each flagged mark, why it is flagged."""
LIMITS = Limits(cell_seconds=5.0, notebook_seconds=20.0)
SHORT = Limits(cell_seconds=3.0, notebook_seconds=12.0)
"""For attacks, some of which only hang."""


def isolated_and_all(root: Path) -> tuple[int, int]:
    """How many tests of a graded course run apart from the student's process, and how many there are."""
    plans = [
        plan
        for path in root.glob(".trials/*.json")
        for plan in json.loads(path.read_text(encoding="utf-8"))["plans"].values()
    ]
    tests = [test for plan in plans for test in plan["tests"].values()]
    return sum("walled" in test for test in tests), len(tests)


def engine(root: Path, found: dict[str, list[Style]], limits: Limits = LIMITS) -> Marks:
    """What the engine gives: the course is graded as a class is."""
    return engine_and_flags(root, found, limits)[0]


def engine_and_flags(
    root: Path, found: dict[str, list[Style]], limits: Limits = LIMITS
) -> tuple[Marks, Flags]:
    """What the engine gives, and which of its marks ask for a look."""
    preload = dict.fromkeys(name for assignment in found for name in preload_for(root, assignment))
    classroom = Classroom(root)
    grader = Engine(Settings(limits, workers=2), preload=list(preload))
    marks: Marks = {}
    flags: Flags = {}
    try:
        for assignment, styles in found.items():
            everybody = course.students(root, assignment)
            done: dict[str, str] = {}
            for student, one in grader.grade(classroom, assignment, everybody):
                done[student] = one.reason if one else ""
                for notebook, (_, said) in (one.notebooks if one else {}).items():
                    flags.setdefault(notebook, {})[student] = said.flags
            _add(marks, classroom, assignment, styles, done)
    finally:
        grader.close()
    return marks, flags


def stock(root: Path, found: dict[str, list[Style]], processes: int = 2) -> Iterator[Marks]:
    """What stock nbgrader gives, an assignment at a time: each in a copy, with a gradebook of its own."""
    jobs = [(root, assignment, styles) for assignment, styles in found.items()]
    with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_stock_of, jobs)


def _stock_of(job: tuple[Path, str, list[Style]]) -> Marks:
    return _stock(*job)


def _stock(root: Path, assignment: str, styles: Sequence[Style]) -> Marks:
    # A kernel is to find what is installed and what lies beside the notebook, not this project's folder.
    os.environ.pop("PYTHONPATH", None)
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside, "course")
        shutil.copytree(root / "source" / assignment, folder / "source" / assignment)
        shutil.copy(root / "nbgrader_config.py", folder)
        classroom = Classroom(folder)
        classroom.register(assignment)
        done = {}
        for student in course.students(root, assignment):
            home = folder / "submitted" / student / assignment
            shutil.copytree(root / "submitted" / student / assignment, home)
            # Twice: now and then another program has taken a port that was free when a kernel asked.
            done[student] = _autograde(classroom, assignment, student) and _autograde(
                classroom, assignment, student
            )
        marks: Marks = {}
        _add(marks, classroom, assignment, styles, done)
        return marks


def _autograde(classroom: Classroom, assignment: str, student: str) -> str:
    """Grade with stock nbgrader; return why it could not, '' where it could."""
    try:
        classroom.autograde(assignment, student)
    except GradingError as error:
        return str(error) or "no reason given"
    return ""


def _add(
    marks: Marks, classroom: Classroom, assignment: str, styles: Sequence[Style], done: dict[str, str]
) -> None:
    """Read the marks of an assignment from the gradebook."""
    with classroom.gradebook() as gradebook:
        for student, reason in done.items():
            of = {style.name for style in styles if student in style.students}
            for name in of:
                marks.setdefault(name, {})[student] = {"": reason} if reason else {}
            if reason:
                continue
            for book in gradebook.find_submission(assignment, student).notebooks:
                if book.name in of:
                    marks[book.name][student] = {
                        grade.name: grade.auto_score  # None where a person must look
                        for grade in sorted(book.grades, key=lambda one: str(one.name))
                    }
