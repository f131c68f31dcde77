"""What a lesson promises about other machines: each value keeps its place on the grid (`core.kinds.grid`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.authoring.checks.context import Found, Subject
from autograder.authoring.evaluation.elsewhere import Elsewhere, elsewhere
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.roles.cell import Cell
from autograder.core.errors import Problem
from autograder.core.kinds.form import Leaf, Misfit
from autograder.core.kinds.grid import on_grid, to_edge
from autograder.core.kinds.registry import form_of

MARGIN = 10
"""A value is at least this many times as far from an edge of the grid as it was seen to move."""

_CHAOS = (
    "Such a value is another on every machine. Change the numbers, take fewer steps, or, for a mistake that"
    " other answers tell, write so behind its slug: # slug (not by NAME): feedback"
)
_EDGE = "On another machine it may fall to the other side. Change the numbers or the tolerance a little."


def steady(s: Subject) -> Found:
    """Answers, mistakes and figures' words are the same elsewhere, and no number lies on an edge."""
    others = elsewhere(s.text.path, s.course.seconds)
    for other in others:
        if other.failure:
            words = f"the lesson fails when it is computed {other.how}: {other.failure}"
            yield Problem(s.text.path, 1, words, "Its code hangs on the last bits of a number: mend it.")
    whole = [other for other in others if not other.failure]
    for one in s.evaluated:
        yield from _exercise(s, one, whole)
    for number, (cell, (_, here)) in enumerate(zip(s.text.figures, s.pictures, strict=True)):
        yield 1
        yield from _words(cell, here, [(other.how, other.words[number]) for other in whole if other.words])


def _exercise(s: Subject, one: Evaluated, others: Sequence[Elsewhere]) -> Found:
    rows: list[tuple[str, int, tuple[str, ...]]] = [("the answer", one.text.solution.line, ())]
    rows += [(f"the mistake {m.slug!r}", m.line, m.not_by) for m in one.text.mistakes]
    for index, (whose, line, not_by) in enumerate(rows):
        for name in one.text.names:
            if name in not_by:
                continue
            here = _leaves(one.computed[index][name])
            there = [(other.how, _leaves(other.values[one.text.id][index][name])) for other in others]
            yield len(here)
            fault = _fault(here, there, one.text.tolerances[name])
            if fault:
                words = f"{whose} of {one.text.id!r}, {name}: {fault.words}"
                yield Problem(s.text.path, line, words, fault.remedy)


@dataclass(frozen=True)
class _Fault:
    words: str
    remedy: str


def _fault(here: list[Leaf], there: list[tuple[str, list[Leaf]]], tolerance: float) -> _Fault | None:
    """Why the leaves of one value cannot be written down as they are; None where they can."""
    for how, found in there:
        if len(found) != len(here):
            return _Fault(f"another kind of value when computed {how}", _CHAOS)
    for index, leaf in enumerate(here):
        if not isinstance(leaf, float):
            for how, found in there:
                if found[index] != leaf:
                    return _Fault(f"{leaf!r} here, {found[index]!r} when computed {how}", _CHAOS)
            continue
        moves = [(how, float(found[index])) for how, found in there]
        for how, other in moves:
            if on_grid(other, tolerance) != on_grid(leaf, tolerance):
                return _Fault(f"{leaf!r} here, {other!r} when computed {how}", _CHAOS)
        trembling = max((abs(other - leaf) for _, other in moves if math.isfinite(leaf)), default=0.0)
        if to_edge(leaf, tolerance) < MARGIN * max(trembling, math.ulp(leaf)):
            return _Fault(f"{leaf!r} lies on an edge of the grid on which it is written down", _EDGE)
    return None


def _leaves(value: object) -> list[Leaf]:
    """The leaves of a plain value, or none where it cannot be an answer (nan, on another machine)."""
    try:
        return list(form_of(value).leaves(value))
    except (Misfit, TypeError):
        return []


def _words(cell: Cell, here: str, there: list[tuple[str, str]]) -> Iterator[Problem]:
    for how, other in there:
        if other != here:
            yield cell.problem(
                f"this figure describes itself otherwise when computed {how}: {other!r}, here {here!r}",
                "Round the numbers in its words more coarsely.",
            )
            return
