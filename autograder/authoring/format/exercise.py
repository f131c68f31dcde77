"""The cells of one exercise -> ExerciseText, every rule of its form checked."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograder.authoring.format import mistakes as mistakes_cell
from autograder.authoring.format import solution_stub
from autograder.authoring.format.cells import Cell
from autograder.authoring.format.mistakes import MistakeText
from autograder.core.errors import LessonError, Problem
from autograder.core.model import DEFAULT_TOLERANCE

OWN_ROLES = ("solution", "answers", "tests", "proof", "mistakes", "hint", "worked")

# At most 48 characters, so that every cell id made from it is legal; the endings name those cells.
_ID = re.compile(r"^(?=.{1,48}$)[a-z][a-z0-9]*(-[a-z0-9]+)*(?<!-answer)(?<!-check)(?<!-prompt)(?<!-worked)$")


@dataclass(frozen=True)
class ExerciseText:
    """An exercise as its author wrote it. `answers` is the answers cell of a coding exercise, else None."""

    id: str
    points: float
    unit: str
    optional: bool
    options: tuple[str, ...]
    tolerances: Mapping[str, float]
    names: tuple[str, ...]
    prompt: Cell
    solution: Cell
    answers: Cell | None
    tests: tuple[Cell, ...]
    proof: Cell
    mistakes: tuple[MistakeText, ...]
    hints: tuple[Cell, ...]
    worked: tuple[Cell, ...]


def read_exercise(group: list[Cell]) -> ExerciseText:
    """The exercise whose prompt is the first cell of `group`. Raises LessonError."""
    prompt = group[0]
    own: dict[str, list[Cell]] = {role: [] for role in OWN_ROLES}
    for cell in group[1:]:
        own[cell.role].append(cell)
    problems = _key_problems(prompt)
    name = prompt.keys.get("id", "")
    for role, remedy in _REQUIRED.items():
        if not own[role]:
            problems.append(prompt.problem(f"the exercise {name!r} has no {role} cell", remedy))
    for role in ("solution", "answers", "proof", "mistakes"):
        if len(own[role]) > 1:
            problems.append(
                own[role][1].problem(f"a second {role} cell in {name!r}", "Join the two into one.")
            )
    if problems:
        raise LessonError(*problems)

    solution, answers = own["solution"][0], next(iter(own["answers"]), None)
    for cell in [c for role in ("solution", "answers", "tests", "proof", "mistakes") for c in own[role]]:
        problems += _syntax(cell)
    names = (
        solution_stub.of_functions(solution, problems)
        if answers
        else solution_stub.of_values(solution, problems)
    )
    tolerances: dict[str, float] = {}
    if answers and not problems:
        names, tolerances = solution_stub.answer_names(answers, problems)
    wanted = prompt.keys.get("tolerance", DEFAULT_TOLERANCE)
    if isinstance(wanted, Mapping):
        for key in wanted:
            if key not in names:
                problems.append(
                    prompt.problem(f"a tolerance for {key!r}, which is no answer", _one_of(names))
                )
    for answer in names:
        of_all = wanted.get(answer, DEFAULT_TOLERANCE) if isinstance(wanted, Mapping) else wanted
        tolerances.setdefault(answer, float(of_all))
    if problems:
        raise LessonError(*problems)
    mistakes = mistakes_cell.read(own["mistakes"][0])
    if answers and len(mistakes) < 3:
        raise LessonError(
            own["mistakes"][0].problem(
                f"{len(mistakes)} wrong implementations", "A coding exercise needs at least three."
            )
        )
    for mistake in mistakes:
        problems += _not_by_problems(own["mistakes"][0], mistake, names)
    if problems:
        raise LessonError(*problems)
    return ExerciseText(
        id=name,
        points=prompt.keys["points"],
        unit=prompt.keys.get("unit", ""),
        optional=prompt.keys.get("optional", False),
        options=tuple(prompt.keys.get("options", ())),
        tolerances=tolerances,
        names=tuple(names),
        prompt=prompt,
        solution=solution,
        answers=answers,
        tests=tuple(own["tests"]),
        proof=own["proof"][0],
        mistakes=mistakes,
        hints=tuple(own["hint"]),
        worked=tuple(own["worked"]),
    )


def _not_by_problems(cell: Cell, mistake: MistakeText, names: list[str]) -> list[Problem]:
    """What is off in the answers by which a mistake is not recognized."""
    offset = mistake.line - cell.line
    problems = [
        cell.problem(f"(not by {name}), which is no answer", _one_of(names), offset)
        for name in mistake.not_by
        if name not in names
    ]
    if not problems and set(mistake.not_by) >= set(names):
        problems.append(
            cell.problem(
                f"the mistake {mistake.slug!r} is recognized by no answer",
                "Leave one answer out of (not by …), or leave the mistake out.",
                offset,
            )
        )
    return problems


_REQUIRED = {
    "solution": "Add a code cell with :role: solution: name = ..., then the solution between its marks.",
    "proof": "Add a code cell with :role: proof that reaches the same value by a second route.",
    "mistakes": "Add a code cell with :role: mistakes: # slug: feedback, then the wrong value.",
}


def _key_problems(prompt: Cell) -> list[Problem]:
    keys = prompt.keys
    rules: list[tuple[str, bool, str]] = [
        (
            "id",
            isinstance(keys.get("id"), str) and bool(_ID.match(keys["id"])),
            '"id": "kl-forward" (48 at most)',
        ),
        ("points", _is_number(keys.get("points")) and keys["points"] > 0, '"points": 2'),
        (
            "tolerance",
            _tolerance_fits(keys.get("tolerance", 1)),
            '"tolerance": 0.0002, or {"answer": 0.0002}',
        ),
        ("unit", isinstance(keys.get("unit", ""), str), '"unit": "nats"'),
        ("optional", isinstance(keys.get("optional", False), bool), '"optional": true'),
        ("options", _options_fit(keys.get("options")), '"options": ["forward", "reverse"]'),
    ]
    return [
        prompt.problem(f"the exercise's {key} is missing or of the wrong form", f"Write it like {example}")
        for key, fits, example in rules
        if not fits
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _tolerance_fits(value: Any) -> bool:
    many = value.values() if isinstance(value, Mapping) else [value]
    return all(_is_number(one) and one >= 0 for one in many)


def _options_fit(value: Any) -> bool:
    return value is None or (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(option, str) for option in value)
        and len({option.strip().casefold() for option in value}) == len(value)
    )


def _syntax(cell: Cell) -> list[Problem]:
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        return [cell.problem(f"{error.msg}", "Mend the Python of this cell.", (error.lineno or 1) - 1)]
    return []


def _one_of(names: list[str]) -> str:
    return f"The answers are {', '.join(names)}."
