"""Where a cell that is put back, or that stands in the wrong place, belongs in a student's notebook."""

from __future__ import annotations

import re

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import NotebookSnapshot, SourceCell
from autograder.grading.submission.cell_matching import described, instructor_index, places

_DEFINED = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]*)?=(?!=)", re.M)


def put_back(
    new: Cell,
    source: SourceCell,
    cells: list[Cell],
    found: dict[str, Cell],
    snapshot: NotebookSnapshot,
    notes: list[str],
) -> None:
    """Insert a deleted cell where the instructor has it.

    Args:
        new: The cell.
        source: Which of nbgrader's cells it is.
        cells: The student's; changed.
        found: Those of `cells` that are nbgrader's, by grade id; changed.
        snapshot: The assignment's notebook.
        notes: What was mended, in words; changed.
    """
    if source.solution and not source.grade and _defined_elsewhere(source, cells, found):
        notes.append(f"{described(source)} was missing; another cell defines what it should")
        return
    where = places(cells, found, snapshot)
    index = instructor_index(snapshot).get(source.name)
    before = [one for one in where if index is None or one < index]
    if before:
        position = where[max(before)] + 1
        if not source.solution:
            position = _behind_own_cells(position, set(where.values()), len(cells))
    else:
        position = min(where.values(), default=0)
    cells.insert(position, new)
    found[source.name] = new
    notes.append(f"{described(source)} was missing and was put back")


def checks_behind_answers(
    cells: list[Cell], found: dict[str, Cell], snapshot: NotebookSnapshot, notes: list[str]
) -> None:
    """Move each check that stands before its answer behind it.

    Args:
        cells: The student's; changed.
        found: Those of `cells` that are nbgrader's, by grade id.
        snapshot: The assignment's notebook.
        notes: What was mended, in words; changed.
    """
    position = {id(cell): index for index, cell in enumerate(cells)}
    answers: list[Cell] = []
    for source in snapshot.cells:
        cell = found.get(source.name)
        if cell is None:
            continue
        if source.solution:
            answers.append(cell)
        elif source.grade:
            last = max((position[id(answer)] for answer in answers), default=-1)
            answers = []
            if position[id(cell)] < last:
                answer = cells[last]
                notes.append(f"{described(source)} stood before its answer and was moved behind it")
                _move_behind(cell, answer, cells, found, snapshot)
                position = {id(one): index for index, one in enumerate(cells)}


def given_before_use(
    cells: list[Cell], found: dict[str, Cell], snapshot: NotebookSnapshot, notes: list[str]
) -> None:
    """Where graded cells had changed their order, bring the instructor's own cells before what uses them.

    A notebook whose graded cells are in the instructor's order is left as the student arranged it.

    Args:
        cells: The student's; changed.
        found: Those of `cells` that are nbgrader's, by grade id.
        snapshot: The assignment's notebook.
        notes: What was mended, in words; changed.
    """
    position = {id(cell): place for place, cell in enumerate(cells)}
    order = [position[id(found[source.name])] for source in snapshot.cells if source.name in found]
    if order == sorted(order):
        return
    index = instructor_index(snapshot)
    working = {source.name for source in snapshot.cells if source.grade or source.solution or source.task}
    graded = {index[name] for name in found if name in index and name in working}
    where = places(cells, found, snapshot)
    moved = 0
    for one in sorted(set(where) - graded):
        cell = cells[where[one]]
        if cell["cell_type"] != "code" or cell["source"] != snapshot.instructor[one]["source"]:
            continue
        first = min((where[other] for other in graded if other > one and other in where), default=len(cells))
        if where[one] > first:
            del cells[where[one]]
            cells.insert(first, cell)
            where = places(cells, found, snapshot)
            moved += 1
    if moved:
        notes.append("cells stood in another order; given cells were moved before what uses them")


def _move_behind(
    cell: Cell, answer: Cell, cells: list[Cell], found: dict[str, Cell], snapshot: NotebookSnapshot
) -> None:
    cells[:] = [one for one in cells if one is not cell]
    rest = {name: one for name, one in found.items() if one is not cell}
    known = set(places(cells, rest, snapshot).values())
    start = next(index for index, one in enumerate(cells) if one is answer) + 1
    cells.insert(_behind_own_cells(start, known, len(cells)), cell)


def _behind_own_cells(position: int, known: set[int], end: int) -> int:
    """Past the student's own cells: a split answer goes on in them."""
    while position < end and position not in known:
        position += 1
    return position


def _defined_elsewhere(source: SourceCell, cells: list[Cell], found: dict[str, Cell]) -> bool:
    """Whether running the stub would undo an answer that stands in some other cell."""
    names = defined(source.source)
    others = set()
    for cell in cells:
        if cell["cell_type"] == "code":
            others |= defined(cell["source"])
    return bool(names & others)


def defined(text: str) -> set[str]:
    """The names that code defines at its left edge: functions, classes, assignments."""
    return {first or second for first, second in _DEFINED.findall(text)}
