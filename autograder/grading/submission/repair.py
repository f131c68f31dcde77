"""A submitted notebook made fit for grading, whatever was done to it.

An honest notebook comes out exactly as nbgrader's sanitizing preprocessors write it (ClearOutput,
OverwriteKernelspec, OverwriteCells). Where nbgrader gives up, the notebook is mended from the instructor's
and each repair is noted in plain words:

- Of copies of a cell one is kept as the graded one; the others stay as ordinary cells.
- A deleted check is put back after the answer; a deleted answer is put back as its stub, unless another
  cell of the student's defines what the stub defines.
- A cell that lost its metadata, or whose type was changed, is recognised (see `cell_matching`).
- A check that stands before its answer is moved behind it; where graded cells changed their order, the
  instructor's own cells are moved before what uses them.
- Tags on a graded, given or answer cell are the instructor's: `skip-execution` on a check would pass it.
- What claims an unknown grade id is an ordinary cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.grading.assignment.notebook_json import Cell, Json
from autograder.grading.assignment.snapshot import NotebookSnapshot, SourceCell, grade_id
from autograder.grading.submission import cell_order, normalize, notebook_file
from autograder.grading.submission.cell_matching import described, instructor_index, recognise
from autograder.grading.submission.notebook_file import Unreadable

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["Repaired", "Unreadable", "repair"]


_FLAGS = ("grade", "solution", "locked", "task")


@dataclass(frozen=True)
class Repaired:
    """A notebook that every tool of nbgrader's accepts, and what was mended."""

    notebook: NotebookNode
    notes: tuple[str, ...]


def repair(data: bytes, snapshot: NotebookSnapshot) -> Repaired:
    """The notebook in `data`, sanitized and mended. Raises Unreadable where no notebook is recognised."""
    from nbformat import from_dict

    content, notes = notebook_file.read(data)
    metadata = normalize.notebook_metadata(content["metadata"], snapshot.kernelspec)
    known = {source.name for source in snapshot.cells}
    cells = normalize.tidy_cells(content["cells"], known, notes)
    found = recognise(cells, snapshot, notes)
    index = instructor_index(snapshot)
    own = {id(cell) for cell in found.values()}
    for cell in cells:
        if id(cell) not in own:
            _disown(cell, known, notes)
    for source in snapshot.cells:
        if source.name in found:
            _restore(found[source.name], source, _instructor(source, index, snapshot), notes)
    if len(found) < len(known):
        for source in snapshot.cells:
            if source.name not in found:
                new = _new_cell(source, _instructor(source, index, snapshot))
                cell_order.put_back(new, source, cells, found, snapshot, notes)
    cell_order.given_before_use(cells, found, snapshot, notes)
    cell_order.checks_behind_answers(cells, found, snapshot, notes)
    if content["nbformat_minor"] >= 5:
        normalize.give_ids(cells)
    else:  # formats before 4.5 allow none
        for cell in cells:
            cell.pop("id", None)
    return Repaired(from_dict({**content, "metadata": metadata, "cells": cells}), tuple(notes))


def _disown(cell: Cell, known: set[str], notes: list[str]) -> None:
    """Take the grading keys from a cell that is not nbgrader's."""
    keys = cell["metadata"].get("nbgrader")
    if keys is None:
        return
    if keys.get("schema_version") == 3 and grade_id(cell) not in known:
        if all(keys.get(flag, False) is False for flag in _FLAGS) and set(_FLAGS[:3]) <= set(keys):
            # What nbgrader's editor leaves in a cell that was graded once; nbgrader keeps it, without the id.
            keys.pop("grade_id", None)
            return
        notes.append(f"a cell claimed the unknown grade id {str(keys.get('grade_id'))[:60]!r}")
    del cell["metadata"]["nbgrader"]


def _instructor(source: SourceCell, index: dict[str, int], snapshot: NotebookSnapshot) -> Cell | None:
    return snapshot.instructor[index[source.name]] if source.name in index else None


def _restore(cell: Cell, source: SourceCell, instructor: Cell | None, notes: list[str]) -> None:
    """Give a recognised cell the type, the grading keys, the tags and, if locked, the source it must have."""
    if cell["cell_type"] != source.cell_type:
        notes.append(f"the type of {described(source)} had been changed to {cell['cell_type']}")
        normalize.retype(cell, source.cell_type)
    metadata = cell["metadata"]
    wanted = _grading_keys(source, instructor)
    keys = metadata.get("nbgrader", {})
    if source.grade and keys.get("points") not in (None, source.points):
        # No note: often it was the instructor who changed them.
        keys["points"] = source.points
    settled = {"checksum": None, "cell_type": source.cell_type}
    same = {**keys, **settled} == {**wanted, **settled}
    if same and all(isinstance(keys.get(flag, False), bool) for flag in _FLAGS):
        keys["checksum"] = source.checksum
        if "cell_type" in keys:
            keys["cell_type"] = source.cell_type
    else:
        metadata["nbgrader"] = wanted
    if source.locked:
        cell["source"] = source.source
    if instructor is not None:
        tags = instructor["metadata"].get("tags", [])
        if metadata.get("tags", []) != tags:
            notes.append(f"the tags of {described(source)} had been changed")
            metadata.pop("tags", None)
            if tags:
                metadata["tags"] = list(tags)


def _grading_keys(source: SourceCell, instructor: Cell | None) -> Json:
    if instructor is not None:
        keys = dict(instructor["metadata"]["nbgrader"])
    else:
        keys = {
            "grade": source.grade,
            "grade_id": source.name,
            "locked": source.locked,
            "schema_version": 3,
            "solution": source.solution,
            "task": source.task,
        }
    if source.points is not None and keys.get("points") != source.points:
        keys["points"] = source.points
    keys["cell_type"] = source.cell_type
    if source.checksum is not None:
        keys["checksum"] = source.checksum
    return keys


def _new_cell(source: SourceCell, instructor: Cell | None) -> Cell:
    """A cell as nbgrader's release has it, to put back in place of a deleted one."""
    metadata = {} if instructor is None else {**instructor["metadata"]}
    metadata.update(nbgrader=_grading_keys(source, instructor), deletable=False)
    if source.locked:
        metadata["editable"] = False
    cell: Cell = {"cell_type": source.cell_type, "metadata": metadata, "source": source.source}
    if instructor is not None and "id" in instructor:
        cell["id"] = instructor["id"]
    if source.cell_type == "code":
        cell["outputs"], cell["execution_count"] = [], None
    return cell
