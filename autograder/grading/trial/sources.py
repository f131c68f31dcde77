"""The submissions of the trial: the teacher's own work, the untouched release, and each answer missing once.

Each is a notebook as a learner would hand it in: the release with answers in it. `repair` puts the full
tests back, as it does for a class. Files beside the notebook are the assignment's own in each of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.grading.assignment.snapshot import NotebookSnapshot, grade_id
from autograder.grading.submission import notebook_file

TEACHER, RELEASE = "teacher", "release"
_REGION = re.compile(r"^([ \t]*)[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*$", re.M | re.S)
_STUB = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"


@dataclass(frozen=True)
class TrialSource:
    """One submission of the trial. `missing` is the answer that is put back to its stub, '' for none."""

    name: str
    missing: str
    notebook: bytes


@dataclass(frozen=True)
class NoTrial:
    """Why an assignment cannot be tried: its tests can only run as nbgrader runs them."""

    reason: str


@dataclass(frozen=True)
class _Answer:
    """A cell that the release has without its solution: its name, its place, and both texts."""

    name: str
    place: int
    solved: str
    stub: str


def trial_sources(
    notebook: NotebookSnapshot, release: bytes | None = None
) -> tuple[TrialSource, ...] | NoTrial:
    """The submissions of one notebook: teacher's, release, and the teacher's without each single answer.

    Args:
        notebook: The notebook as the gradebook and its source have it.
        release: The released notebook, where there is one; else it is made of the source.

    Returns:
        At least three submissions, the teacher's and the release first, or why there are none.
    """
    if not notebook.instructor:
        return NoTrial("the course has no source notebook")
    cells = _released(notebook, release)
    answers = _answers(notebook, cells)
    if not answers:
        return NoTrial("the source notebook holds no solutions")
    solved = {answer.place: answer.solved for answer in answers}
    found = [
        TrialSource(TEACHER, "", _written(notebook, cells, solved)),
        TrialSource(RELEASE, "", _written(notebook, cells, {})),
    ]
    for answer in answers:
        rest = {place: text for place, text in solved.items() if place != answer.place}
        found.append(TrialSource(f"without {answer.name}", answer.name, _written(notebook, cells, rest)))
    return tuple(found)


def _answers(notebook: NotebookSnapshot, released: list[dict[str, object]]) -> list[_Answer]:
    found = []
    for place, (cell, learner) in enumerate(zip(notebook.instructor, released, strict=True)):
        source, stub = str(cell["source"]), str(learner["source"])
        keys = cell["metadata"].get("nbgrader", {})
        is_test = keys.get("grade") and not keys.get("solution")
        if cell["cell_type"] == "code" and not is_test and source.strip() != stub.strip():
            found.append(_Answer(grade_id(cell) or f"cell {place + 1}", place, source, stub))
    return found


def _released(notebook: NotebookSnapshot, release: bytes | None) -> list[dict[str, object]]:
    """A cell of the release for each of the source."""
    known = {cell.name: cell.source for cell in notebook.cells}
    texts = _texts(release)
    cells: list[dict[str, object]] = []
    for cell in notebook.instructor:
        name = grade_id(cell)
        if name in known:
            text = known[name]
        elif "BEGIN SOLUTION" in cell["source"]:  # in a cell that nbgrader does not know as an answer
            text = texts.get(str(cell.get("id")), _REGION.sub(_STUB, cell["source"]))
        else:
            text = cell["source"]
        new: dict[str, object] = {**cell, "source": text}
        if cell["cell_type"] == "code":
            new |= {"outputs": [], "execution_count": None}
        cells.append(new)
    return cells


def _texts(release: bytes | None) -> dict[str, str]:
    """The released cells' texts by their ids."""
    if release is None:
        return {}
    try:
        content, _ = notebook_file.read(release)
    except notebook_file.Unreadable:
        return {}
    cells = [cell for cell in content["cells"] if "id" in cell]
    return {str(cell["id"]): _text(cell.get("source")) for cell in cells}


def _text(source: object) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _written(notebook: NotebookSnapshot, cells: list[dict[str, object]], texts: Mapping[int, str]) -> bytes:
    """The release with `texts` in the cells at these places."""
    filled = [{**cell, "source": texts.get(place, cell["source"])} for place, cell in enumerate(cells)]
    with_ids = all("id" in cell for cell in cells)
    metadata = {"kernelspec": json.loads(notebook.kernelspec)} if notebook.kernelspec else {}
    content = {"cells": filled, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 if with_ids else 4}
    return notebook_file.write(content)
