"""The ledger's own tables, beside nbgrader's, and an insert that others may have made meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]
"""A row by column, with values of any type."""
GRADED, REFUSED = "graded", "could not grade"
RECORDS = sql.Table(
    "autograder_ledger",
    sql.MetaData(),
    # Text: a student's id that is too long for nbgrader's tables must find room for being refused.
    sql.Column("assignment", sql.Text, primary_key=True),
    sql.Column("student_id", sql.Text, primary_key=True),
    sql.Column("fingerprint", sql.Text, nullable=False),
    sql.Column("when", sql.DateTime, nullable=False),
    sql.Column("tier", sql.Integer, nullable=False),
    sql.Column("engine", sql.Text, nullable=False),
    sql.Column("outcome", sql.Text, nullable=False),
    sql.Column("details", sql.Text, nullable=False),
)
# Rows are only ever added: what a submission's points were, and what they became, each time they changed.
HISTORY = sql.Table(
    "autograder_history",
    sql.MetaData(),
    sql.Column("assignment", sql.Text, nullable=False, index=True),
    *(sql.Column(name, sql.Text, nullable=False) for name in ("student_id", "engine", "details")),
    sql.Column("when", sql.DateTime, nullable=False),
)


def admit(connection: sql.Connection, table: sql.Table, rows: Sequence[Row]) -> None:
    """Insert students that another grader, of another assignment, may insert at the same moment.

    Args:
        connection: To the gradebook, in the transaction of the whole batch.
        table: nbgrader's table of students.
        rows: One a student. They are inserted in order of their ids: graders that wait for each other's
            students would wait for ever.
    """
    new: sql.Insert = table.insert()
    if connection.dialect.name == "sqlite":
        new = sqlite.insert(table).on_conflict_do_nothing()
    elif connection.dialect.name == "postgresql":
        new = postgresql.insert(table).on_conflict_do_nothing()
    connection.execute(new, sorted(rows, key=lambda row: row["id"]))


def nbgraders_tables() -> dict[str, sql.Table]:
    """nbgrader's tables that a submission has rows in, in the order of their foreign keys."""
    from nbgrader import api

    mapped = (api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment)
    return {one.__tablename__: one.__table__ for one in mapped}
