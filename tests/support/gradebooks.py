"""Every row of a gradebook, wherever it lies, told so that two of them can be compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.pool import NullPool

REGISTERED = "autograder_registered"
"""Digests over the course's folder and random ids."""


def url_of(folder: Path) -> str:
    """The gradebook of a course that says nothing else."""
    return f"sqlite:///{folder / 'gradebook.db'}"


def every_row(url: str, without: set[str]) -> list[str]:
    """Every row of every table, sorted, without some columns; instead of a uuid, what it stands for."""
    database = sql.create_engine(url, poolclass=NullPool)
    tables: dict[str, list[dict[str, Any]]] = {}
    with database.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        known_tables = sql.MetaData()
        known_tables.reflect(connection)
        for name, table in known_tables.tables.items():
            if name != REGISTERED:
                tables[name] = [dict(row) for row in connection.execute(sql.select(table)).mappings()]
    database.dispose()
    owners = {
        row["id"]: (name, row)
        for name in sorted(tables, key=lambda name: name != "base_cell", reverse=True)
        for row in tables[name]
        if len(str(row.get("id", ""))) == 32
    }
    owners.update({row["id"]: ("base_cell", row) for row in tables["base_cell"]})
    known: dict[str, str] = {}

    def plain(value: Any) -> Any:
        if not isinstance(value, str) or value not in owners:
            return value
        if value not in known:
            name, row = owners[value]
            known[value] = repr((name, [(key, plain(one)) for key, one in row.items() if key != "id"]))
        return known[value]

    return sorted(
        repr((name, sorted((key, repr(plain(value))) for key, value in row.items() if key not in without)))
        for name, rows in tables.items()
        for row in rows
    )
