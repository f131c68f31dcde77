"""What the checks of an executed notebook said, by grade id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.core.model import Outcome


def verdicts_of(cells: list[Any]) -> Iterator[tuple[str, str]]:
    """By grade id, what the checks in executed `cells` said."""
    before = ""  # the error that an answer cell ended with, since the last grade cell
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        keys = cell["metadata"].get("nbgrader", {})
        if keys.get("grade") and not keys.get("solution"):
            verdict = _verdict(cell["outputs"])
            yield keys["grade_id"], f"error:{before}" if before and verdict != Outcome.RIGHT else verdict
            before = ""
        else:
            before = next((output["ename"] for output in cell["outputs"] if "ename" in output), before)


def _verdict(outputs: list[Any]) -> str:
    errors = [output for output in outputs if output["output_type"] == "error"]
    if not errors:
        return str(Outcome.RIGHT)
    if errors[0]["ename"] == "NotYet":
        return str(errors[0]["evalue"]).partition(" ")[2]
    if errors[0]["ename"] == "AssertionError":
        return str(Outcome.WRONG)  # the check passed, a held-back test did not
    return f"error:{errors[0]['ename']}"
