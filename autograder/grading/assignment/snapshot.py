"""All of an assignment that grading a submission needs, taken once: no worker asks the database.

A snapshot is plain data. It can be pickled, sent to another machine and compared by its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.grading.assignment.notebook_json import Cell


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader knows by its grade id.

    `source` is the full text of a locked cell, hidden tests included, and the stub of a solution cell.
    `locked` cells get their source back when graded. `points` is None where there is nothing to earn.
    """

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None
    grade: bool
    solution: bool
    task: bool
    points: float | None


@dataclass(frozen=True)
class NotebookSnapshot:
    """One notebook of the assignment.

    `kernelspec` is JSON. `cells` are nbgrader's, in the order of the source notebook. `instructor` is every
    cell of the source notebook, solutions and hidden tests included, as a dictionary with "cell_type",
    "source", "metadata" and, where the notebook's format has them, "id".
    """

    name: str
    kernelspec: str | None
    cells: tuple[SourceCell, ...]
    instructor: tuple[Cell, ...]


@dataclass(frozen=True)
class Snapshot:
    """The assignment as its source and nbgrader's configuration are now.

    `files` stand beside the source notebooks (relative path, content) and overwrite the student's. Those of
    `keep` (nbgrader's exclude_overwriting) are not among them: the student's version stays.
    `max_lines` and `max_traceback` are lines, -1 for no limit; `ignore_pattern` is '' where it is off.
    `digest` is a hash of all of that, in hexadecimal digits.
    """

    assignment: str
    notebooks: Mapping[str, NotebookSnapshot]
    files: Mapping[str, bytes]
    keep: frozenset[str]
    max_lines: int
    max_traceback: int
    ignore_pattern: str
    digest: str


def grade_id(cell: Mapping[str, object]) -> str | None:
    """The grade id that a cell of a notebook claims to have."""
    metadata = cell.get("metadata")
    keys = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = keys.get("grade_id") if isinstance(keys, Mapping) else None
    return name if isinstance(name, str) and name else None
