"""Attacks that are one notebook each: the texts in `cells/`, in the notation of `notebook_text`.

`described` are those of a report by somebody else, in our own words; `trial`, `crossing`, `shared` and
`forks` are ours, on a grader that tries what may be walled, lets values of known types cross, runs the other
tests in the student's own process, and forks it for tests and for their questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.styles.corpus import with_imports
from tests.support.styles.course import grade_ids
from tests.support.styles.notebook_text import Style, read

FOLDER = Path(__file__).parent


def attacks() -> list[Style]:
    """Every attack; its other student is the teacher."""
    return [with_imports(style) for style in read(FOLDER / "cells")]


def may_earn(style: Style) -> dict[str, float]:
    """By grade id, the most that an honest reading of the attack's work gives."""
    return {
        name: cell.may
        for name, cell in zip(grade_ids(style), style.cells, strict=True)
        if cell.kind == "test"
    }


def full(style: Style) -> dict[str, float]:
    """By grade id, the points of each test."""
    found = zip(grade_ids(style), style.cells, strict=True)
    return {name: cell.points for name, cell in found if cell.kind == "test"}


def too_much(style: Style, marks: Mapping[str, float | str | None]) -> dict[str, float]:
    """By grade id, what an attack earned beyond its due."""
    return {
        name: points
        for name, most in may_earn(style).items()
        if isinstance(points := marks.get(name) or 0.0, float) and points > most
    }
