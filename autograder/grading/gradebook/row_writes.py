"""Statements of a batch: nbgrader's rows as planned, the ledger's own records, and what they say is done."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sql

from autograder.grading.gradebook.row_changes import Graded, Plan, Refused
from autograder.grading.gradebook.tables import GRADED, RECORDS, Row, admit


def write_plans(connection: sql.Connection, tables: Mapping[str, sql.Table], plans: Sequence[Plan]) -> None:
    """Insert and update nbgrader's rows.

    Args:
        connection: In the batch's transaction.
        tables: By name, in the order of their foreign keys.
        plans: One a submission.
    """
    for name, table in tables.items():
        rows = [row for plan in plans for row in plan.inserts[name]]
        if rows and name == "student":
            admit(connection, table, rows)
        elif rows:
            connection.execute(table.insert(), rows)
        rows = [row for plan in plans for row in plan.updates[name]]
        if rows:
            values: Row = {column: sql.bindparam(f"new_{column}") for column in rows[0] if column != "id"}
            change = table.update().where(table.c.id == sql.bindparam("new_id")).values(values)
            named = [{f"new_{column}": value for column, value in row.items()} for row in rows]
            connection.execute(change, named)


def replace_records(connection: sql.Connection, records: Sequence[Row]) -> None:
    """Put the records of a batch in the place of those of the same submissions."""
    gone = (RECORDS.c.assignment == sql.bindparam("a"), RECORDS.c.student_id == sql.bindparam("s"))
    keys = [{"a": row["assignment"], "s": row["student_id"]} for row in records]
    connection.execute(sql.delete(RECORDS).where(*gone), keys)
    connection.execute(RECORDS.insert(), records)


def details_of(one: Graded | Refused, plan: Plan | None) -> str:
    """What a record says besides, as JSON: why it was refused, or what changed and the notes."""
    details: dict[str, object] = {"reason": one.reason} if isinstance(one, Refused) else {}
    if isinstance(one, Graded) and plan is not None:
        changes = [[change.notebook, change.grade, change.old, change.new] for change in plan.changes]
        details = {"changes": changes, "notes": list(one.notes)}
    return json.dumps(details)


def done_query(
    submissions: sql.Table, key: str, assignment: str, students: Sequence[str]
) -> sql.Select[tuple[str, str]]:
    """Who is graded, with the fingerprint of what was.

    Args:
        submissions: nbgrader's table; a record without a row there counts for nothing.
        key: The assignment's id in the gradebook.
        assignment: Its name.
        students: Ids of those who are asked about; empty for all.

    Returns:
        A query for student ids and fingerprints.
    """
    query = (
        sql.select(RECORDS.c.student_id, RECORDS.c.fingerprint)
        .join(submissions, submissions.c.student_id == RECORDS.c.student_id)
        .where(submissions.c.assignment_id == key)
        .where(RECORDS.c.assignment == assignment, RECORDS.c.outcome == GRADED)
    )
    return query.where(RECORDS.c.student_id.in_(students)) if students else query
