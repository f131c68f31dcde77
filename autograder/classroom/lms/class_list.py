"""A class list as a CSV file, from this course or from a learning platform -> learners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.lms.class_list_form import ClassListForm
from autograder.classroom.lms.registry import PLATFORMS
from autograder.classroom.roster import csv_table
from autograder.classroom.roster.csv_table import Row
from autograder.classroom.roster.roster import LONGEST, Learner, unusable
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submitted_files import shown

MOST_PROBLEMS = 20
"""Problems of a file that are printed."""


@dataclass(frozen=True)
class ClassList:
    """What a file says: the program it comes from, the learners, and notes on how it was read."""

    source: str
    learners: tuple[Learner, ...]
    notes: tuple[str, ...]


def forms() -> list[ClassListForm]:
    """Every form of a class list that is read, in the order in which they are tried."""
    every = [form for platform in PLATFORMS for form in platform.class_lists]
    return sorted(every, key=lambda form: form.distinctness)


def read(path: Path, encoding: str | None = None) -> ClassList:
    """The learners of a class list. Raises CourseError with every problem and its line."""
    telling = {name for form in forms() for name in (*form.id, *form.full_name)}
    rows, notes = csv_table.read(path, encoding, telling)
    header = list(rows[0].cells)
    form = _form_of(path, header)
    rows = [row for row in rows if not row.first(form.full_name).casefold().startswith(form.nobody)]
    if not rows:
        raise CourseError(f"{path}: lists nobody.")
    column = _id_column(path, form, rows)
    learners = [_learner(row, form, column) for row in rows]
    problems = [f"{path}:{line}: {problem}" for line, problem in _problems(rows, learners, column)]
    if problems:
        more = f"\n… and {len(problems) - MOST_PROBLEMS} more." * (len(problems) > MOST_PROBLEMS)
        raise CourseError("\n".join(problems[:MOST_PROBLEMS]) + more + "\nNothing was imported.")
    return ClassList(form.name, tuple(learners), tuple(notes))


def _form_of(path: Path, header: list[str]) -> ClassListForm:
    form = next((form for form in forms() if form.fits(header)), None)
    if form is None:
        raise CourseError(
            f"{path}:1: no list of a class: the columns are {', '.join(map(shown, header[:12]))}. Needed"
            " is a column id, or those of an export: "
            + "; ".join(
                f"{form.name}: {' and '.join(group[0] for group in form.known_by)}" for form in forms()
            )
            + "."
        )
    return form


def _id_column(path: Path, form: ClassListForm, rows: list[Row]) -> str:
    there = [name for name in form.id if name in rows[0].cells]
    if not there:
        raise CourseError(f"{path}:1: {form.name}, but no column for an id: {', '.join(form.id)}.")
    return next((name for name in there if all(row.cells[name] for row in rows)), there[0])


def _learner(row: Row, form: ClassListForm, column: str) -> Learner:
    first, last = row.first(form.first_name), row.first(form.last_name)
    if not first and not last:
        first, last = _split(row.first(form.full_name))
    return Learner(row.cells[column], first, last, row.first(form.email), row.first(form.lms_id))


def _split(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first.strip(), last


def _problems(rows: list[Row], learners: list[Learner], column: str) -> Iterator[tuple[int, str]]:
    seen: dict[tuple[str, str], int] = {}
    for row, one in zip(rows, learners, strict=True):
        if problem := unusable(one.id):
            yield row.line, f"the id {one.id!r} (column {column}) {problem}"
        for what, value in (
            ("first name", one.first_name),
            ("last name", one.last_name),
            ("email", one.email),
        ):
            if len(value) > LONGEST:
                yield row.line, f"the {what} is longer than {LONGEST} characters"
        # Folders, addresses: case does not tell two people apart.
        for what, value in (("id", one.id), ("email address", one.email), ("platform's number", one.lms_id)):
            key = (what, value.casefold())
            if value and key in seen:
                yield row.line, f"the {what} {value!r} stands in line {seen[key]} already"
            seen.setdefault(key, row.line)
