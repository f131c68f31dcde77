"""`autograder history`: which points changed, when, from what to what.

The ledger writes it down, a row a submission whose points changed, in the same transaction as the points
(table autograder_history; rows are only ever added). A gradebook from before that has the last grading of
each submission only, in the ledger's own record of it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.gradebook.course_directory import Classroom

TABLE, LAST = "autograder_history", "autograder_ledger"


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
    """What changed; with `first` also the first points of each submission. Raises CourseError."""
    import sqlalchemy as sql
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    classroom = Classroom(root)
    assignment = one_of(classroom.assignments(), prefix, "assignment in source/")
    url = classroom.folders.db_url
    file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
    if file and not file.is_file():  # connecting would make an empty one
        raise CourseError(f"nothing is graded yet: {file} is missing. Run: autograder grade {prefix}")
    database = sql.create_engine(url, poolclass=NullPool)
    try:
        tables = [name for name in (TABLE, LAST) if name in sql.inspect(database).get_table_names()]
        if not tables:
            raise CourseError(f"{assignment} was never graded by autograder. Run: autograder grade {prefix}")
        when = sql.column("when", sql.DateTime())
        columns: list[Any] = [when, *(sql.column(name) for name in ("student_id", "engine", "details"))]
        rows: dict[tuple[datetime, str], tuple[str, list[Any]]] = {}
        whole = True
        with database.connect() as connection:
            for table in tables:
                query = sql.select(*columns).select_from(sql.table(table))
                for stamp, student, engine, details in connection.execute(
                    query.where(sql.column("assignment") == assignment)
                ):
                    changes = json.loads(details).get("changes", [])
                    # A record that the history lacks was written before there was one.
                    if changes and (stamp, student) not in rows:
                        rows[stamp, student] = engine, changes
                        whole = whole and table == TABLE
    except SQLAlchemyError as error:
        raise CourseError(f"the gradebook cannot be read: {error}") from error
    finally:
        database.dispose()
    for one in students:
        if one not in {student for _, student in rows}:
            raise CourseError(f"no points of {one!r} in {assignment} ever changed.")
    events = [
        Event(stamp.replace(tzinfo=UTC), student, notebook, grade, old, new, engine)
        for (stamp, student), (engine, changes) in sorted(rows.items(), key=lambda item: item[0])
        if student in students or not students
        for notebook, grade, old, new in changes
    ]
    return History(assignment, tuple(one for one in events if first or not one.first), whole)
