"""Which cell of a learner's notebook was which cell of the lesson, and which it is in a newer version."""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import dataclass

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import NotebookSnapshot, SourceCell, grade_id
from autograder.grading.submission.cell_matching import places, recognise
from autograder.publishing.copies.learner_copy import Notebook, source

_ALIKE = 0.6
"""From this likeness on (1: the same), two texts are one text, edited."""


@dataclass(frozen=True)
class Aligned:
    """The learner's cells `mine`, each by its index, beside two versions of the lesson.

    `before` is the lesson's cell as it was, for each of `mine` that is not the learner's own; `place` its
    index in the new version, if it has one there. `exercise` names for each index of the new version whose
    exercise it belongs to; `changed` are the exercises whose text has changed. `stubs` are the answers' stubs
    by grade id. Not `is_certain`: the version that the learner began with is not known, and `before` holds
    their own cells.
    """

    mine: list[Cell]
    before: dict[int, Cell]
    place: dict[int, int]
    exercise: dict[int, str]
    changed: frozenset[str]
    stubs: dict[str, str]
    is_certain: bool


def align(mine: list[Cell], new: list[Cell], base: Notebook | None) -> Aligned:
    """Find the cells of a learner's notebook in the version that they began as, and in the new one.

    A second, untouched copy of an answer's cell is removed from `mine`.

    Args:
        mine: the learner's cells.
        new: the cells of the new release.
        base: the release that the copy began with; None where it is not known.

    Returns:
        Which cell is which.
    """
    was = [{**cell, "source": source(cell)} for cell in base["cells"]] if base else None
    snapshot = snapshot_of(new if was is None else was)
    found = recognise(mine, snapshot, [])
    if was is not None:
        where = {index: one for one, index in places(mine, found, snapshot).items()}
    else:
        was, where = _as_it_may_have_been(mine, new, found)
    to_new = _moved(was, new)
    mark = _exercises(new)
    then, now = _blocks(was), _blocks(new)
    return Aligned(
        mine,
        {index: was[one] for index, one in where.items()},
        {index: to_new[one] for index, one in where.items() if one in to_new},
        mark,
        frozenset(name for name, block in now.items() if then.get(name) != block),
        {name: cell["source"].strip() for cell in was if (name := grade_id(cell))},
        base is not None,
    )


def snapshot_of(cells: list[Cell]) -> NotebookSnapshot:
    """A released notebook as `recognise` needs it."""
    known = []
    for cell in cells:
        keys = cell["metadata"].get("nbgrader", {})
        name = grade_id(cell)
        if name:
            flags = {flag: bool(keys.get(flag)) for flag in ("locked", "grade", "solution", "task")}
            checksum, points = keys.get("checksum"), keys.get("points")
            known.append(
                SourceCell(
                    name, cell["cell_type"], source=cell["source"], checksum=checksum, points=points, **flags
                )
            )
    return NotebookSnapshot("", None, tuple(known), tuple(cells))


def _as_it_may_have_been(
    mine: list[Cell], new: list[Cell], found: dict[str, Cell]
) -> tuple[list[Cell], dict[int, int]]:
    """Without the version that they began with: the learner's cells that are the lesson's, by their ids.

    An answer counts as a stub there, so that whatever stands in it now is the learner's.
    """
    stubs = {name: cell for cell in new if (name := grade_id(cell))}
    theirs = {id(cell): name for name, cell in found.items()}
    number = next((str(cell.get("id", ""))[:3] for cell in new), "")
    was: list[Cell] = []
    where: dict[int, int] = {}
    for index, cell in enumerate(mine):
        name = theirs.get(id(cell))
        if name:
            before = {**cell, "metadata": stubs[name]["metadata"]}
            if stubs[name]["metadata"]["nbgrader"].get("solution"):
                before["source"] = stubs[name]["source"]
        elif grade_id(cell) in theirs.values():
            continue  # a second copy
        elif grade_id(cell):
            is_answer = bool(cell["metadata"]["nbgrader"].get("solution"))
            before = {**cell, "source": "..." if is_answer and not _is_a_stub(cell) else cell["source"]}
        elif number and str(cell.get("id", "")).startswith(number):
            before = cell
        else:
            continue
        where[index] = len(was)
        was.append(before)
    return was, where


def _is_a_stub(cell: Cell) -> bool:
    """Whether nbgrader's checksum says that an answer is as it was released."""
    from nbformat import from_dict
    from nbgrader.utils import compute_checksum

    checksum = cell["metadata"]["nbgrader"].get("checksum")
    return checksum is not None and compute_checksum(from_dict(cell)) == checksum


def _moved(was: list[Cell], new: list[Cell]) -> dict[int, int]:
    """Where each cell of the one version stands in the other: by grade id, by text, by likeness."""
    graded = {name: index for index, cell in enumerate(new) if (name := grade_id(cell))}
    texts: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, cell in enumerate(new):
        if not grade_id(cell):
            texts[cell["cell_type"], cell["source"].strip()].append(index)
    found: dict[int, int] = {}
    for index, cell in enumerate(was):
        name = grade_id(cell)
        same = texts.get((cell["cell_type"], cell["source"].strip()), [])
        if name in graded:
            found[index] = graded[name]
        elif not name and same:
            found[index] = same.pop(0)
    taken = set(found.values())
    for index, cell in enumerate(was):
        if index in found or grade_id(cell):
            continue
        behind = max((found[one] for one in found if one < index), default=-1)
        until = min((found[one] for one in found if one > index and found[one] > behind), default=len(new))
        free = [one for one in range(behind + 1, until) if one not in taken and not grade_id(new[one])]
        alike = {one: _likeness(cell, new[one]) for one in free}
        best = max(alike, key=lambda one: alike[one], default=None)
        if best is not None and (alike[best] >= _ALIKE or cell.get("id") == new[best].get("id")):
            found[index] = best
            taken.add(best)
    return found


def _likeness(one: Cell, other: Cell) -> float:
    if one["cell_type"] != other["cell_type"]:
        return 0.0
    return difflib.SequenceMatcher(None, one["source"][:4000], other["source"][:4000], autojunk=False).ratio()


def _checks(cells: list[Cell]) -> list[tuple[int, str]]:
    """The places and grade ids of the cells that give points."""
    return [
        (index, str(grade_id(cell)))
        for index, cell in enumerate(cells)
        if grade_id(cell) and cell["metadata"]["nbgrader"].get("grade")
    ]


def _exercises(cells: list[Cell]) -> dict[int, str]:
    """For each cell up to the last check, whose exercise it is: that of the next check."""
    found: dict[int, str] = {}
    start = 0
    for index, name in _checks(cells):
        found |= dict.fromkeys(range(start, index + 1), name)
        start = index + 1
    return found


def _blocks(cells: list[Cell]) -> dict[str, list[str]]:
    """By exercise, the texts from the last check up to its own: prompt, given cells, stub, check.

    What stands before the exercise's own prompt, such as the solution of the one before, is left out.
    """
    blocks: dict[str, list[str]] = {}
    start = 0
    for index, name in _checks(cells):
        own = cells[start : index + 1]
        first = next((at for at, cell in enumerate(own) if _is_prompt(cell, name)), 0)
        code = [cell for cell in own[:first] if cell["cell_type"] == "code" and grade_id(cell)]
        blocks[name] = [cell["source"].strip() for cell in [*code, *own[first:]]]
        start = index + 1
    return blocks


def _is_prompt(cell: Cell, name: str) -> bool:
    return str(cell.get("id", "")).endswith(f"-{name}-prompt")
