"""Making the gradebook know an assignment, unless it knows exactly this one already.

nbgrader's GenerateAssignment takes longer than grading several submissions. It is left out where neither
the source, nor the configuration, nor what the gradebook holds of the assignment has changed since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from autograder.grading.gradebook.course_directory import CONFIG, Classroom
from autograder.grading.gradebook.locks import alone

REGISTERING = "registering"
"""The turn of whoever makes tables, or rows that are not a submission's: nbgrader's own steps collide."""

_MARKS = sql.Table(
    "autograder_registered",
    sql.MetaData(),
    sql.Column("assignment", sql.Text, primary_key=True),
    sql.Column("source", sql.Text, nullable=False),
    sql.Column("rows", sql.Text, nullable=False),
)


def register(classroom: Classroom, assignment: str) -> bool:
    """Register the assignment as its source is now; False where that was done already.

    Raises GradingError where nbgrader cannot.
    """
    source = _digest_of_source(classroom, assignment)
    with alone(classroom, REGISTERING), _database(classroom) as database:
        try:
            with database.connect() as connection:
                query = sql.select(_MARKS.c.source, _MARKS.c.rows).where(_MARKS.c.assignment == assignment)
                if connection.execute(query).all() == [(source, _digest_of_rows(connection, assignment))]:
                    return False
        except SQLAlchemyError:
            pass  # no gradebook yet, or none with these tables
        classroom.complete_new()
        classroom.register(assignment)
        with database.connect() as connection:
            _MARKS.create(connection, checkfirst=True)
            connection.execute(sql.delete(_MARKS).where(_MARKS.c.assignment == assignment))
            mark = {
                "assignment": assignment,
                "source": source,
                "rows": _digest_of_rows(connection, assignment),
            }
            connection.execute(_MARKS.insert(), mark)
            connection.commit()
    return True


@contextmanager
def _database(classroom: Classroom) -> Iterator[sql.Engine]:
    url = classroom.folders.db_url
    options = {"timeout": 60} if url.startswith("sqlite") else {}
    engine = sql.create_engine(url, poolclass=NullPool, connect_args=options)
    try:
        yield engine
    finally:
        engine.dispose()


def _digest_of_source(classroom: Classroom, assignment: str) -> str:
    from nbgrader._version import __version__

    found = hashlib.sha256(f"{__version__}\0{classroom.config!r}\0".encode())
    found.update((classroom.root / CONFIG).read_bytes())
    folder = classroom.path("source", ".", assignment)
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            found.update(f"\0{path.relative_to(folder)}\0".encode("utf-8", "surrogateescape"))
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _digest_of_rows(connection: sql.Connection, assignment: str) -> str:
    """Of all that GenerateAssignment writes. The due date is no part of it: that is changed by hand."""
    from nbgrader import api

    tables = api.Base.metadata.tables
    notebooks = tables["notebook"]
    rows: list[object] = []
    mine = (
        sql.select(notebooks.c.id)
        .join(tables["assignment"], tables["assignment"].c.id == notebooks.c.assignment_id)
        .where(tables["assignment"].c.name == assignment)
    )
    cells = sql.select(tables["base_cell"].c.id).where(tables["base_cell"].c.notebook_id.in_(mine))
    for name, column, among in (
        ("notebook", "id", mine),
        ("source_cell", "notebook_id", mine),
        ("base_cell", "notebook_id", mine),
        ("grade_cells", "id", cells),
        ("solution_cells", "id", cells),
        ("task_cells", "id", cells),
    ):
        table = tables[name]
        query = sql.select(table).where(table.c[column].in_(among)).order_by(table.c.id)
        rows += [name, *map(tuple, connection.execute(query))]
    return hashlib.sha256(repr(rows).encode()).hexdigest()
