"""Cells whose outputs may hold what a hidden test asked: it ran before them, in their own process.

A test that runs apart, or in a savepoint, tells the student's cells nothing. One that runs in the process
itself leaves its text and its values there, and a later cell can print them. The mark is written into the
cell, where whoever makes feedback finds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from autograder.core.cell_tags import AFTER_HIDDEN_TESTS
from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import grade_id

_HIDDEN = re.compile(r"BEGIN HIDDEN TESTS")


def mark(cells: Iterable[Cell], in_process: Collection[str]) -> None:
    """Mark the answers that ran after a hidden test did in the same process.

    Args:
        cells: Of the notebook that was run; changed.
        in_process: Grade ids of the tests that ran in the student's process itself.
    """
    seen = False
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        keys = cell["metadata"].get("nbgrader", {})
        cell["metadata"].pop(AFTER_HIDDEN_TESTS, None)
        if keys.get("grade") and not keys.get("solution"):
            seen = seen or (grade_id(cell) in in_process and bool(_HIDDEN.search(cell["source"])))
        elif seen and keys.get("solution") and cell["outputs"]:
            cell["metadata"][AFTER_HIDDEN_TESTS] = True
