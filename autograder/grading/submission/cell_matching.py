"""Which cell of a student is which of nbgrader's cells, by every trace that is left.

In this order: the grade id that the cell claims, the cell's id as in the instructor's notebook, the same
source, and, for an answer, its place between two cells that are recognised. Cells are told apart as
objects (`id`), since all that is in them may be equal.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Sequence

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import NotebookSnapshot, SourceCell, grade_id

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN (?:HIDDEN TESTS|MARK SCHEME).*?END (?:HIDDEN TESTS|MARK SCHEME)[^\n]*\n?", re.M | re.S
)


def recognise(cells: list[Cell], snapshot: NotebookSnapshot, notes: list[str]) -> dict[str, Cell]:
    """The student's cell of each grade id that can be found.

    Args:
        cells: The student's; copies of an answered cell's stub are removed.
        snapshot: The assignment's notebook.
        notes: What was mended, in words; changed.
    """
    known = {source.name: source for source in snapshot.cells}
    claims: dict[str, list[Cell]] = {}
    for cell in cells:
        name = grade_id(cell)
        if name in known:
            claims.setdefault(name, []).append(cell)
    found = {name: _choose(cells, known[name], those, notes) for name, those in claims.items()}
    if len(found) < len(known):
        taken = {id(cell) for those in claims.values() for cell in those}
        for find in (_by_id, _by_source, _by_place):
            for source in snapshot.cells:
                if source.name not in found:
                    free = [cell for cell in cells if id(cell) not in taken]
                    seen = find(source, free, cells, found, snapshot)
                    if seen is not None:
                        found[source.name] = seen
                        taken.add(id(seen))
                        notes.append(f"{described(source)} had lost its marks of grading and was recognised")
    return found


def described(source: SourceCell) -> str:
    """What a grader calls the cell."""
    if source.solution:
        return f"the answer {source.name}"
    if source.grade:
        return f"the check of {source.name}"
    return f"the task {source.name}" if source.task else f"the given cell {source.name}"


def places(cells: Sequence[Cell], found: dict[str, Cell], snapshot: NotebookSnapshot) -> dict[int, int]:
    """Where cells of the instructor's notebook stand in the student's: index by index.

    Besides the cells in `found`, plain cells are known by their id or, where it is unique, their source.

    Args:
        cells: The student's.
        found: Those of `cells` that are nbgrader's, by grade id.
        snapshot: The assignment's notebook.
    """
    position = {id(cell): index for index, cell in enumerate(cells)}
    by_id = {str(cell["id"]): index for index, cell in enumerate(cells) if "id" in cell}
    by_source: dict[str, list[int]] = {}
    for index, cell in enumerate(cells):
        by_source.setdefault(cell["source"], []).append(index)
    result: dict[int, int] = {}
    for index, one in enumerate(snapshot.instructor):
        name = grade_id(one)
        if name in found:
            result[index] = position[id(found[name])]
        elif not name and one.get("id") in by_id:
            result[index] = by_id[one["id"]]
        elif not name and len(by_source.get(one["source"], ())) == 1:
            result[index] = by_source[one["source"]][0]
    return result


def instructor_index(snapshot: NotebookSnapshot) -> dict[str, int]:
    """Where each grade id stands in the instructor's notebook."""
    return {name: index for index, name in enumerate(map(grade_id, snapshot.instructor)) if name}


def _choose(cells: list[Cell], source: SourceCell, those: list[Cell], notes: list[str]) -> Cell:
    """The copy that counts: of an answer the last that was worked on, else simply the last."""
    if len(those) == 1:
        return those[0]
    answered = [cell for cell in those if source.solution and cell["source"] != source.source]
    chosen = answered[-1] if answered else those[-1]
    notes.append(f"{described(source)} was there {len(those)} times; one was kept as such")
    if answered:
        # Run after the answer, a copy of the stub would undo it.
        stubs = {id(cell) for cell in those if cell["source"] == source.source}
        cells[:] = [cell for cell in cells if id(cell) not in stubs]
    return chosen


def _by_id(
    source: SourceCell,
    free: list[Cell],
    cells: list[Cell],
    found: dict[str, Cell],
    snapshot: NotebookSnapshot,
) -> Cell | None:
    wanted = {one["id"] for one in snapshot.instructor if grade_id(one) == source.name and "id" in one}
    return next((cell for cell in reversed(free) if cell.get("id") in wanted), None)


def _by_source(
    source: SourceCell,
    free: list[Cell],
    cells: list[Cell],
    found: dict[str, Cell],
    snapshot: NotebookSnapshot,
) -> Cell | None:
    wanted = _visible(source)
    if not any(wanted):
        return None
    same = [cell for cell in free if cell["source"].strip() in wanted]
    if sum(not wanted.isdisjoint(_visible(one)) for one in snapshot.cells) > 1:
        # Several exercises share one stub ("# your code here"); only its place tells whose it is.
        between = {id(cell) for cell in _between(source, cells, found, snapshot)}
        same = [cell for cell in same if id(cell) in between]
        return same[0] if same else None
    return same[-1] if same else None


def _visible(source: SourceCell) -> set[str]:
    """The source as the instructor has it, and as the students got it."""
    return {source.source.strip(), _HIDDEN.sub("", source.source).strip()}


def _by_place(
    source: SourceCell,
    free: list[Cell],
    cells: list[Cell],
    found: dict[str, Cell],
    snapshot: NotebookSnapshot,
) -> Cell | None:
    if not source.solution:
        return None
    between = {id(cell) for cell in _between(source, cells, found, snapshot)}
    possible = [cell for cell in free if id(cell) in between and cell["source"].strip()]
    same_type = [cell for cell in possible if cell["cell_type"] == source.cell_type]
    if not same_type and source.cell_type == "code":
        same_type = [cell for cell in possible if _is_python(cell["source"])]
    return max(same_type, key=lambda cell: _likeness(cell["source"], source.source), default=None)


def _between(
    source: SourceCell, cells: list[Cell], found: dict[str, Cell], snapshot: NotebookSnapshot
) -> Iterable[Cell]:
    """The student's own cells between the nearest recognised ones before and behind an absent cell."""
    index = instructor_index(snapshot).get(source.name)
    if index is None:
        return []
    where = places(cells, found, snapshot)
    before = max((one for one in where if one < index), default=None)
    behind = min((one for one in where if one > index), default=None)
    start = 0 if before is None else where[before] + 1
    end = len(cells) if behind is None else where[behind]
    return cells[start:end]


def _is_python(text: str) -> bool:
    try:
        ast.parse(text[:100_000])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:2000], other[:2000], autojunk=False).quick_ratio()
