"""The code cells of a notebook by what they are for: given, an answer, a test."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograder.core.cell_tags import NOT_GRADED
from autograder.grading.assignment.snapshot import grade_id
from autograder.grading.trial.reading.statements import CellCode, code_of

RawCell = Mapping[str, object]
"""A cell of a notebook: "cell_type", "source" (one text) and "metadata"."""


class Kind(StrEnum):
    """What a code cell is for. A learner's own cells count as given: they are run, and earn nothing."""

    GIVEN = "given"
    ANSWER = "answer"
    TEST = "test"


@dataclass(frozen=True)
class CodeCell:
    """A code cell that is run when grading; `place` is its index among all cells."""

    place: int
    kind: Kind
    name: str
    source: str
    tags: frozenset[str] = frozenset()

    @property
    def code(self) -> CellCode:
        """What its statements do."""
        return code_of(self.source)

    @property
    def words(self) -> str:
        """What an instructor calls it."""
        if self.kind is Kind.GIVEN:
            return f"the given cell {self.name}" if self.name else "a given cell"
        return f"the {self.kind} {self.name}"


def code_cells(cells: Iterable[RawCell], skipped: Container[str] = frozenset()) -> tuple[CodeCell, ...]:
    """The code cells that are run, in order. `skipped` are stripped sources of cells that only illustrate."""
    found = []
    for place, cell in enumerate(cells):
        source, metadata = cell.get("source"), cell.get("metadata")
        if cell.get("cell_type") != "code" or type(source) is not str or not source.strip():
            continue
        kind = _kind(metadata)
        tags = _tags(metadata)
        unused = NOT_GRADED in tags or "skip-execution" in tags or source.strip() in skipped
        if kind is not Kind.TEST and unused:
            continue
        found.append(CodeCell(place, kind, grade_id(cell) or "", source, tags))
    return tuple(found)


def illustrations(cells: Iterable[RawCell]) -> frozenset[str]:
    """The stripped sources of the teacher's cells that only illustrate."""
    return frozenset(
        str(cell.get("source")).strip()
        for cell in cells
        if cell.get("cell_type") == "code"
        and _kind(cell.get("metadata")) is Kind.GIVEN
        and NOT_GRADED in _tags(cell.get("metadata"))
    )


def _kind(metadata: object) -> Kind:
    keys = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    if not isinstance(keys, Mapping):
        return Kind.GIVEN
    if keys.get("solution"):
        return Kind.ANSWER
    return Kind.TEST if keys.get("grade") else Kind.GIVEN


def _tags(metadata: object) -> frozenset[str]:
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return (
        frozenset(one for one in tags if type(one) is str) if isinstance(tags, list | tuple) else frozenset()
    )
