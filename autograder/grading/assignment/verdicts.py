"""What the checks of an executed notebook said, by grade id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.core.verdict import RIGHT, WRONG, Kind, Outcome
from autograder.grading.assignment.notebook_json import Cell, Output


def verdicts_of(cells: Iterable[Cell]) -> Iterator[tuple[str, Outcome]]:
    """By grade id, what the checks in executed `cells` said.

    Where the answer cell, or the grade cell before its check, failed, that error is the outcome.
    """
    before = ""  # the error that an answer cell ended with, since the last grade cell
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        keys = cell["metadata"].get("nbgrader", {})
        error = next((output for output in cell["outputs"] if output["output_type"] == "error"), None)
        if keys.get("grade") and not keys.get("solution"):
            outcome = _outcome(error)
            stopped = before and outcome != RIGHT
            yield keys["grade_id"], Outcome(Kind.ERROR, error=before) if stopped else outcome
            before = ""
        elif error is not None:
            before = str(error["ename"])


def _outcome(error: Output | None) -> Outcome:
    if error is None:
        return RIGHT
    if error["ename"] == "NotYet":
        return Outcome.of_code(str(error["evalue"]))
    if error["ename"] == "AssertionError":
        return WRONG  # the check passed, a held-back test did not
    return Outcome(Kind.ERROR, error=str(error["ename"]))
