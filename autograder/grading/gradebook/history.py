"""`autograder history`: which points changed, when, from what to what.

The ledger writes it down, a row a submission whose points changed, in the same transaction as the points
(table autograder_history; rows are only ever added). A gradebook from before that has the last grading of
each submission only, in the ledger's own record of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.tables import HISTORY, RECORDS

_Rows = dict[tuple[datetime, str], tuple[str, list[tuple[str, str, float | None, float | None]]]]


@dataclass(frozen=True)
class Event:
    """One change of a grade in points; None where there was or is none. `when` is in UTC."""

    when: datetime
    student: str
    notebook: str
    grade: str
    old: float | None
    new: float | None
    engine: str

    @property
    def first(self) -> bool:
        """Whether these are the first points at all."""
        return self.old is None


@dataclass(frozen=True)
class History:
    """The changes of an assignment, oldest first. `whole`: not only each submission's last grading."""

    assignment: str
    events: tuple[Event, ...]
    whole: bool


def read(root: Path, prefix: str, students: Sequence[str] = (), first: bool = False) -> History:
    """The changes of points that the gradebook remembers.

    Args:
        root: The course's folder.
        prefix: An assignment, or the beginning of its name.
        students: Ids of those whose changes are wanted; empty for everybody's.
        first: Also the first points of each submission.

    Returns:
        The changes, oldest first.

    Raises:
        CourseError: Nothing is graded yet, nothing of a student's changed, or the gradebook cannot be read.
    """
    classroom = Classroom(root)
    assignment = one_of(classroom.assignments(), prefix, "assignment in source/")
    url = classroom.folders.db_url
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file and not file.is_file():  # connecting would make an empty one
        raise CourseError(f"nothing is graded yet: {file} is missing. Run: autograder grade {prefix}")
    database = sql.create_engine(url, poolclass=NullPool)
    try:
        there = sql.inspect(database).get_table_names()
        tables = [table for table in (HISTORY, RECORDS) if table.name in there]
        if not tables:
            raise CourseError(f"{assignment} was never graded by autograder. Run: autograder grade {prefix}")
        rows, whole = _rows(database, tables, assignment)
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook cannot be read: {error}") from error
    finally:
        database.dispose()
    for one in students:
        if one not in {student for _, student in rows}:
            raise CourseError(f"no points of {one!r} in {assignment} ever changed.")
    events = (event for event in _events(rows) if event.student in students or not students)
    return History(assignment, tuple(event for event in events if first or not event.first), whole)


def _events(rows: _Rows) -> Iterator[Event]:
    """Every change, oldest first."""
    for (stamp, student), (engine, changes) in sorted(rows.items(), key=lambda item: item[0]):
        for notebook, grade, old, new in changes:
            yield Event(stamp.replace(tzinfo=UTC), student, notebook, grade, old, new, engine)


def _rows(database: sql.Engine, tables: Sequence[sql.Table], assignment: str) -> tuple[_Rows, bool]:
    """By time and student the engine and the changes, and whether all of them are in the history."""
    found: _Rows = {}
    whole = True
    with database.connect() as connection:
        for table in tables:
            columns = (table.c.when, table.c.student_id, table.c.engine, table.c.details)
            query = sql.select(*columns).where(table.c.assignment == assignment)
            for stamp, student, engine, details in connection.execute(query):
                changes = json.loads(details).get("changes", [])
                # A record that the history lacks was written before there was one.
                if changes and (stamp, student) not in found:
                    found[stamp, student] = engine, changes
                    whole = whole and table is HISTORY
    return found, whole
