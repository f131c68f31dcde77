"""The cells of one exercise -> ExerciseText, every rule of its form checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, cast

from autograder.authoring.format import exercise_rules, solution_stub
from autograder.authoring.format import mistakes as mistakes_cell
from autograder.authoring.format.exercise_rules import ExerciseCells, one_of
from autograder.authoring.format.mistakes import MistakeText
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.parts import Parts
from autograder.authoring.roles.registry import EXERCISE_ROLES, role_of
from autograder.core.errors import LessonError, Problem
from autograder.core.model import DEFAULT_TOLERANCE


@dataclass(frozen=True)
class ExerciseText(ExerciseCells):
    """An exercise as its author wrote it: its cells, and what they say."""

    id: str
    points: float
    unit: str
    optional: bool
    options: tuple[str, ...]
    tolerances: Mapping[str, float]
    names: tuple[str, ...]
    mistakes: tuple[MistakeText, ...]


class _Keys(TypedDict, total=False):
    """The keys of a prompt that the rules have passed."""

    id: str
    points: float
    unit: str
    optional: bool
    options: list[str]
    tolerance: float | Mapping[str, float]


def read_exercise(group: Sequence[Cell], parts: Parts) -> ExerciseText:
    """The exercise whose prompt is the first cell of `group`. Raises LessonError.

    What its cells hold for the lesson as a whole is added to `parts`.
    """
    own = {role.name: tuple(cell for cell in group[1:] if cell.role == role.name) for role in EXERCISE_ROLES}
    cells = ExerciseCells(group[0], own)
    _refuse(problem for rule in exercise_rules.CELLS for problem in rule(cells))
    forms = (problem for rule in exercise_rules.FORMS for problem in rule(cells))
    _refuse([*forms, *_parsed(group[1:], parts)])
    mistakes = mistakes_cell.read(own["mistakes"][0])
    _refuse(_too_few(cells, mistakes))
    text = _text(cells, mistakes)
    _refuse(problem for mistake in mistakes for problem in _not_by_problems(text, mistake))
    return text


def _refuse(problems: Iterator[Problem] | Sequence[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise LessonError(*found)


def _parsed(cells: Sequence[Cell], parts: Parts) -> Iterator[Problem]:
    """The problems of cells that are not of the form of their role."""
    for cell in cells:
        try:
            role_of(cell).parse(cell, parts)
        except LessonError as error:
            yield from error.problems


def _text(cells: ExerciseCells, mistakes: tuple[MistakeText, ...]) -> ExerciseText:
    keys = cast(_Keys, cells.prompt.keys)
    names = exercise_rules.names_of(cells)
    wanted = keys.get("tolerance", DEFAULT_TOLERANCE)
    by_name = wanted if isinstance(wanted, Mapping) else dict.fromkeys(names, wanted)
    tolerances = solution_stub.answer_tolerances(cells.answers) if cells.answers else {}
    return ExerciseText(
        prompt=cells.prompt,
        own=cells.own,
        id=keys["id"],
        points=keys["points"],
        unit=keys.get("unit", ""),
        optional=keys.get("optional", False),
        options=tuple(keys.get("options", ())),
        tolerances={**{name: float(by_name.get(name, DEFAULT_TOLERANCE)) for name in names}, **tolerances},
        names=tuple(names),
        mistakes=mistakes,
    )


def _too_few(cells: ExerciseCells, mistakes: tuple[MistakeText, ...]) -> Iterator[Problem]:
    if cells.answers and len(mistakes) < 3:
        words = f"{len(mistakes)} wrong implementations"
        yield cells.own["mistakes"][0].problem(words, "A coding exercise needs at least three.")


def _not_by_problems(text: ExerciseText, mistake: MistakeText) -> Iterator[Problem]:
    """What is off in the answers by which a mistake is not recognized."""
    cell = text.own["mistakes"][0]
    offset = mistake.line - cell.line
    unknown = [name for name in mistake.not_by if name not in text.names]
    for name in unknown:
        yield cell.problem(f"(not by {name}), which is no answer", one_of(text.names), offset)
    if not unknown and set(mistake.not_by) >= set(text.names):
        yield cell.problem(
            f"the mistake {mistake.slug!r} is recognized by no answer",
            "Leave one answer out of (not by …), or leave the mistake out.",
            offset,
        )
