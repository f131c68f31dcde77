"""One assignment graded by stock nbgrader and by the engine, cell by cell."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.core.errors import GradingError
from autograder.grading.dispatch.engine import Engine, Settings, preload_for
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits

LIMITS = Limits(cell_seconds=30.0, notebook_seconds=300.0)
Cells = dict[str, float | None]
"""Points by notebook and grade id; None where a person must look."""


@dataclass(frozen=True)
class Graded:
    """What one grader gave: cells by student, why some were not graded, and seconds of all of it."""

    marks: dict[str, Cells]
    reasons: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def compared(course: Path, assignment: str, students: Sequence[str], kept: Path) -> dict[str, object]:
    """Grade an assignment by both; return the row of the table.

    Args:
        course: The course, with source and submitted.
        assignment: Its name.
        students: Who handed in; the first is the teacher.
        kept: A folder in which stock's marks are kept for the next run on the same submissions.
    """
    stock = _kept(kept, _digest(course, assignment), lambda: _in_copy(course, assignment, students, _stock))
    engine = _in_copy(course, assignment, students, _engine)
    rows = [
        (student, name, stock.marks[student][name], engine.marks.get(student, {}).get(name))
        for student in students
        for name in stock.marks.get(student, {})
    ]
    tests = [row for row in rows if row[2] is not None]
    teacher = students[0]
    return {
        "submissions": len(students),
        "cells": len(tests),
        "equal": sum(theirs == ours for _, _, theirs, ours in tests),
        "lower": sum((ours or 0.0) < (theirs or 0.0) for _, _, theirs, ours in tests),
        "higher": sum((ours or 0.0) > (theirs or 0.0) for _, _, theirs, ours in tests),
        "full": _full(course, assignment),
        "teacher_stock": _sum(stock.marks.get(teacher, {})),
        "teacher_engine": _sum(engine.marks.get(teacher, {})),
        "stock_seconds": round(stock.seconds / len(students), 3),
        "engine_seconds": round(engine.seconds / len(students), 3),
        "not_graded": {"stock": stock.reasons, "engine": engine.reasons},
        "differences": [list(row) for row in tests if row[2] != row[3]],
    }


def _in_copy(
    course: Path,
    assignment: str,
    students: Sequence[str],
    grade: Callable[[Classroom, str, Sequence[str]], Graded],
) -> Graded:
    aside = course.parent / f"{course.name}-grading"
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(course / "source" / assignment, aside / "source" / assignment)
    for student in students:
        home = Path("submitted", student, assignment)
        shutil.copytree(course / home, aside / home)
    shutil.copy(course / "nbgrader_config.py", aside)
    try:
        return grade(Classroom(aside), assignment, students)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _stock(classroom: Classroom, assignment: str, students: Sequence[str]) -> Graded:
    # A kernel is to find what is installed and what lies beside the notebook, not this project's folder.
    path = os.environ.pop("PYTHONPATH", None)
    classroom.register(assignment)
    reasons = {}
    start = time.perf_counter()
    try:
        for student in students:
            try:
                classroom.autograde(assignment, student)
            except GradingError as error:
                reasons[student] = str(error)[:300]
    finally:
        if path is not None:
            os.environ["PYTHONPATH"] = path
    return Graded(
        _marks(classroom, assignment, students, reasons), reasons, round(time.perf_counter() - start, 2)
    )


def _engine(classroom: Classroom, assignment: str, students: Sequence[str]) -> Graded:
    start = time.perf_counter()
    engine = Engine(Settings(LIMITS, workers=2), preload=preload_for(classroom.root, assignment))
    try:
        done = dict(engine.grade(classroom, assignment, students))
    finally:
        engine.close()
    reasons = {student: one.reason for student, one in done.items() if one and one.reason}
    return Graded(
        _marks(classroom, assignment, students, reasons), reasons, round(time.perf_counter() - start, 2)
    )


def _marks(
    classroom: Classroom, assignment: str, students: Sequence[str], reasons: Mapping[str, str]
) -> dict[str, Cells]:
    with classroom.gradebook() as gradebook:
        return {
            student: {
                f"{book.name}/{grade.name}": None if grade.needs_manual_grade else grade.auto_score
                for book in gradebook.find_submission(assignment, student).notebooks
                for grade in book.grades
            }
            for student in students
            if student not in reasons
        }


def _full(course: Path, assignment: str) -> float:
    """The points of all tests."""
    points = 0.0
    for path in (course / "source" / assignment).glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            keys = cell["metadata"].get("nbgrader", {})
            if keys.get("grade") and not keys.get("solution"):
                points += float(keys.get("points") or 0.0)
    return points


def _sum(cells: Cells) -> float:
    return round(sum(points or 0.0 for points in cells.values()), 4)


def _digest(course: Path, assignment: str) -> str:
    """Of all that stock nbgrader grades."""
    whole = hashlib.sha256()
    folders = [course / "source" / assignment, *sorted(course.glob(f"submitted/*/{assignment}"))]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                whole.update(str(path.relative_to(course)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:24]


def _kept(folder: Path, digest: str, grade: Callable[[], Graded]) -> Graded:
    path = folder / f"{digest}.json"
    if path.exists():
        return Graded(**json.loads(path.read_text(encoding="utf-8")))
    graded = grade()
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(graded.__dict__), encoding="utf-8")
    return graded
