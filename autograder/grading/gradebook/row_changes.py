"""The rows of nbgrader's gradebook that one graded submission changes, and how. Nothing here writes.

Reading asks only by indexed columns, so that its time does not grow with the number of submissions.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, Table, select

from autograder.grading.assignment.scoring import Marks
from autograder.grading.gradebook.lateness import Penalty, points_taken, seconds_late
from autograder.grading.gradebook.tables import Row, nbgraders_tables

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

LATE = "late penalty"  # in place of a grade id, in a Change of the penalty; counted negative


@dataclass(frozen=True)
class Graded:
    """A submission that was graded.

    `timestamp` is naive UTC, None where the submission has none. `notebooks` holds by name the autograded
    file and its marks, `missing` the names of those that were not handed in. `files` holds the student's
    data files by relative path; the instructor's come over them when they are written. `tier` is the
    sandbox's. `notes` are for the grader.
    """

    student: str
    timestamp: datetime | None
    notebooks: Mapping[str, tuple[bytes, Marks]]
    missing: frozenset[str] | set[str]
    fingerprint: str
    tier: int
    notes: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """A submission that could not be graded. `tier` is the sandbox's."""

    student: str
    reason: str
    fingerprint: str
    tier: int


@dataclass(frozen=True)
class Change:
    """A score that counts otherwise than before, in points; None where there was or is none yet.

    A score that a person gave counts before the automatic one and does not change.
    """

    student: str
    notebook: str
    grade: str
    old: float | None
    new: float | None


@dataclass(frozen=True)
class Catalog:
    """The assignment's keys in the gradebook: ids by name, of cells by notebook and name."""

    assignment: str
    duedate: datetime | None
    notebooks: Mapping[str, str]
    grades: Mapping[str, Mapping[str, str]]
    comments: Mapping[str, Mapping[str, str]]


@dataclass
class Held:
    """What the gradebook holds of one student's submission. Grades and comments by (notebook, cell) ids."""

    student: bool = False
    submission: Row | None = None
    notebooks: dict[str, Row] = field(default_factory=dict)
    grades: dict[tuple[str, str], Row] = field(default_factory=dict)
    comments: dict[tuple[str, str], Row] = field(default_factory=dict)


@dataclass
class Plan:
    """Rows to insert and to update, by table name in the order of their foreign keys, and what changes."""

    inserts: dict[str, list[Row]]
    updates: dict[str, list[Row]]
    changes: list[Change]


def catalog(gradebook: Gradebook, assignment: str) -> Catalog:
    """The keys of an assignment, from nbgrader's open gradebook."""
    found = gradebook.find_assignment(assignment)
    return Catalog(
        assignment=found.id,
        duedate=found.duedate,
        notebooks={one.name: one.id for one in found.notebooks},
        grades={
            one.name: {cell.name: cell.id for cell in (*one.grade_cells, *one.task_cells)}
            for one in found.notebooks
        },
        comments={
            one.name: {cell.name: cell.id for cell in (*one.solution_cells, *one.task_cells)}
            for one in found.notebooks
        },
    )


def held(connection: Connection, keys: Catalog, students: Iterable[str]) -> dict[str, Held]:
    """What the gradebook holds of some submissions; locks its rows where the database can.

    Args:
        connection: To the gradebook.
        keys: The assignment's.
        students: Ids; each is a key of what is returned.
    """
    student, submission, notebook, grade, comment = nbgraders_tables().values()
    result = {name: Held() for name in students}

    def rows(table: Table, *conditions: ColumnElement[bool]) -> Iterable[Row]:
        query = select(table).where(*conditions)
        if table is not student:  # theirs do not change here, and graders of other assignments need them
            query = query.with_for_update()
        return (dict(row) for row in connection.execute(query).mappings())

    for row in rows(student, student.c.id.in_(list(result))):
        result[row["id"]].student = True
    owners: dict[str, Held] = {}
    mine = (submission.c.assignment_id == keys.assignment, submission.c.student_id.in_(list(result)))
    for row in rows(submission, *mine):
        owners[row["id"]] = result[row["student_id"]]
        result[row["student_id"]].submission = row
    if not owners:
        return result
    parents: dict[str, Held] = {}
    mine = (notebook.c.notebook_id.in_(keys.notebooks.values()), notebook.c.assignment_id.in_(list(owners)))
    for row in rows(notebook, *mine):
        parents[row["id"]] = owners[row["assignment_id"]]
        parents[row["id"]].notebooks[row["notebook_id"]] = row
    for table, cells in ((grade, keys.grades), (comment, keys.comments)):
        ids = [one for names in cells.values() for one in names.values()]
        for row in rows(table, table.c.cell_id.in_(ids), table.c.notebook_id.in_(list(parents))):
            getattr(parents[row["notebook_id"]], f"{table.name}s")[row["notebook_id"], row["cell_id"]] = row
    return result


def plan(graded: Graded, have: Held, keys: Catalog, penalty: Penalty) -> Plan:
    """What to write for one submission, by nbgrader's rules.

    Args:
        graded: The submission.
        have: What the gradebook holds of it.
        keys: The assignment's.
        penalty: The course's late policy.

    Raises:
        GradingError: The late policy failed.
    """
    result = Plan({name: [] for name in nbgraders_tables()}, {name: [] for name in nbgraders_tables()}, [])
    if not have.student:
        person = {"id": graded.student, "first_name": None, "last_name": None, "email": None}
        result.inserts["student"].append({**person, "lms_user_id": None})
    submission: Row = {"assignment_id": keys.assignment, "student_id": graded.student, "extension": None}
    submission = have.submission or {"id": _new_id(), **submission, "timestamp": None}
    stamped = {**submission, "timestamp": graded.timestamp or submission["timestamp"]}
    _keep(result, "submitted_assignment", have.submission, stamped)
    for name, key in keys.notebooks.items():
        old = have.notebooks.get(key)
        blank = {"id": _new_id(), "assignment_id": submission["id"], "notebook_id": key}
        notebook = old or {**blank, "flagged": False, "late_submission_penalty": None}
        score = _plan_grades(result, graded, have, keys, name, notebook["id"])
        _plan_comments(result, graded, have, keys, name, notebook["id"])
        new = dict(notebook)
        if name in graded.notebooks:
            late = seconds_late(stamped["timestamp"], keys.duedate, stamped["extension"])
            new["late_submission_penalty"] = points_taken(penalty, graded.student, score, late)
        _keep(result, "submitted_notebook", old, new)
        before, after = (row["late_submission_penalty"] or 0.0 for row in (notebook, new))
        if before != after:
            result.changes.append(Change(graded.student, name, LATE, -before, -after))
    return result


def _plan_grades(result: Plan, graded: Graded, have: Held, keys: Catalog, name: str, notebook: str) -> float:
    """Plan the grades of one notebook and give its score in points."""
    marks, flags = {}, set()
    if name in graded.notebooks:
        marks = {mark.name: mark.auto_score for mark in graded.notebooks[name][1].marks}
        flags = set(graded.notebooks[name][1].flags)
    total = 0.0
    for grade, cell in keys.grades[name].items():
        old = have.grades.get((notebook, cell))
        blank: Row = {"id": _new_id(), "notebook_id": notebook, "cell_id": cell, "auto_score": None}
        blank.update(manual_score=None, extra_credit=None, needs_manual_grade=True)
        row = dict(old or blank)
        if name in graded.missing:
            row.update(auto_score=0.0, needs_manual_grade=False)
        elif grade in marks:
            score = marks[grade]
            # A person who gave a score is to look again: the answer may be another one.
            look = score is None or row["manual_score"] is not None or grade in flags
            row.update(auto_score=score, needs_manual_grade=look)
        _keep(result, "grade", old, row)
        total += _counted(row, extra=True) or 0.0
        before, after = (_counted(old) if old else None), _counted(row)
        if before != after:
            result.changes.append(Change(graded.student, name, grade, before, after))
    return total


def _plan_comments(result: Plan, graded: Graded, have: Held, keys: Catalog, name: str, notebook: str) -> None:
    said = graded.notebooks[name][1].comments if name in graded.notebooks else {}
    for comment, cell in keys.comments[name].items():
        old = have.comments.get((notebook, cell))
        blank: Row = {"id": _new_id(), "notebook_id": notebook, "cell_id": cell}
        blank.update(auto_comment=None, manual_comment=None)
        row = dict(old or blank)
        if name in graded.notebooks:
            row["auto_comment"] = said.get(comment)
        _keep(result, "comment", old, row)


def _new_id() -> str:
    """An id as nbgrader's (32 hexadecimal digits), but growing with time.

    Random ids are inserted all over the database's indexes, which gets slower with every submission.
    """
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"


def _keep(result: Plan, table: str, old: Row | None, new: Row) -> None:
    if old is None:
        result.inserts[table].append(new)
    elif old != new:
        result.updates[table].append(new)


def _counted(row: Row, extra: bool = False) -> float | None:
    score = row["auto_score"] if row["manual_score"] is None else row["manual_score"]
    return None if score is None else score + (row["extra_credit"] or 0.0 if extra else 0.0)
