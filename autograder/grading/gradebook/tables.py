"""The ledger's own tables, beside nbgrader's, and an insert that others may have made meanwhile."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

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
_INSERT_NEW: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def admit(connection: sql.Connection, table: sql.Table, rows: list[dict[str, Any]]) -> None:
    """Insert students that another grader, of another assignment, may insert at the same moment.

    In order of their ids: graders that wait for each other's students would wait for ever.
    """
    insert = _INSERT_NEW.get(connection.dialect.name)
    new = insert(table).on_conflict_do_nothing() if insert else table.insert()
    connection.execute(new, sorted(rows, key=lambda row: row["id"]))
