"""Small notebooks for the tests of the trial: cells from their kind and their text."""

from __future__ import annotations

from typing import Any

from autograder.grading.assignment.snapshot import NotebookSnapshot, SourceCell, grade_id
from autograder.grading.trial.reading.notebook_cells import CodeCell, code_cells


def given(source: str, *tags: str) -> dict[str, Any]:
    """A cell that nbgrader does not know."""
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)} if tags else {}}


def answer(name: str, source: str) -> dict[str, Any]:
    """A cell with a solution, or with what a learner wrote."""
    keys = {"grade": False, "grade_id": name, "locked": False, "schema_version": 3, "solution": True}
    return {"cell_type": "code", "source": source, "metadata": {"nbgrader": {**keys, "task": False}}}


def check(name: str, source: str, *tags: str, points: float = 1.0) -> dict[str, Any]:
    """A test."""
    keys = {"grade": True, "grade_id": name, "locked": True, "schema_version": 3, "solution": False}
    metadata: dict[str, Any] = {"nbgrader": {**keys, "task": False, "points": points}}
    if tags:
        metadata["tags"] = list(tags)
    return {"cell_type": "code", "source": source, "metadata": metadata}


def code(*cells: dict[str, Any]) -> tuple[CodeCell, ...]:
    """The cells as the trial reads them."""
    return code_cells(cells)


def notebook(*cells: dict[str, Any], stub: str = "raise NotImplementedError()") -> NotebookSnapshot:
    """A notebook whose answers have `stub` in the release."""
    sources = []
    for cell in cells:
        keys = cell["metadata"].get("nbgrader")
        if keys:
            text = stub if keys["solution"] and "raise" not in cell["source"] else cell["source"]
            sources.append(
                SourceCell(
                    name=keys["grade_id"],
                    cell_type="code",
                    locked=keys["locked"],
                    source=text,
                    checksum=None,
                    grade=keys["grade"],
                    solution=keys["solution"],
                    task=False,
                    points=keys.get("points"),
                )
            )
    instructor = tuple({**cell, "id": grade_id(cell) or f"c{place}"} for place, cell in enumerate(cells))
    return NotebookSnapshot(
        "nb", '{"name": "python3", "display_name": "Python 3"}', tuple(sources), instructor
    )
