"""The rules of an exercise's form: functions that yield a problem, with line and remedy, for each breach."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.authoring.format import solution_stub
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import EXERCISE_ROLES
from autograder.core.errors import Problem

# At most 48 characters, so that every cell id made from it is legal; the endings name those cells.
_ID = re.compile(r"^(?=.{1,48}$)[a-z][a-z0-9]*(-[a-z0-9]+)*(?<!-answer)(?<!-check)(?<!-prompt)(?<!-worked)$")


@dataclass(frozen=True)
class ExerciseCells:
    """The cells of an exercise: its prompt, and all others by role, in the order of the lesson."""

    prompt: Cell
    own: Mapping[str, tuple[Cell, ...]]

    @property
    def solution(self) -> Cell:
        """The cell that the learner fills in, with the solution between its marks."""
        return self.own["solution"][0]

    @property
    def answers(self) -> Cell | None:
        """The answers cell of a coding exercise, else None."""
        return next(iter(self.own["answers"]), None)

    @property
    def tests(self) -> tuple[Cell, ...]:
        """Further hidden asserts."""
        return self.own["tests"]

    @property
    def proof(self) -> Cell:
        """The second route to the values."""
        return self.own["proof"][0]

    @property
    def hints(self) -> tuple[Cell, ...]:
        """What `hint` shows, one at a time."""
        return self.own["hint"]

    @property
    def worked(self) -> tuple[Cell, ...]:
        """The worked solution."""
        return self.own["worked"]

    @property
    def prose(self) -> tuple[Cell, ...]:
        """All of its text: the prompt, and then the cells of each role that is Markdown."""
        cells = (cell for role in EXERCISE_ROLES for cell in self.own[role.name])
        return (self.prompt, *(cell for cell in cells if cell.kind == "markdown"))


Rule = Callable[[ExerciseCells], Iterable[Problem]]


def _keys(exercise: ExerciseCells) -> Iterator[Problem]:
    keys = exercise.prompt.keys
    for key, required, fits, example in _KEYS:
        if (required or key in keys) and not fits(keys.get(key)):
            words = f"the exercise's {key} is missing or of the wrong form"
            yield exercise.prompt.problem(words, f"Write it like {example}")


def _missing(exercise: ExerciseCells) -> Iterator[Problem]:
    for role in EXERCISE_ROLES:
        if role.required and not exercise.own[role.name]:
            words = f"the exercise {_name(exercise)!r} has no {role.name} cell"
            yield exercise.prompt.problem(words, role.required)


def _doubled(exercise: ExerciseCells) -> Iterator[Problem]:
    for role in EXERCISE_ROLES:
        if role.single and len(exercise.own[role.name]) > 1:
            words = f"a second {role.name} cell in {_name(exercise)!r}"
            yield exercise.own[role.name][1].problem(words, "Join the two into one.")


def _syntax(exercise: ExerciseCells) -> Iterator[Problem]:
    for role in EXERCISE_ROLES:
        for cell in exercise.own[role.name]:
            if cell.kind == "code":
                yield from _python(cell)


def _stub(exercise: ExerciseCells) -> Iterator[Problem]:
    solution = exercise.solution
    if exercise.answers:
        yield from solution_stub.function_problems(solution)
        return
    found = list(solution_stub.value_problems(solution))
    yield from found
    if not (found or solution_stub.value_names(solution) or any(_python(solution))):
        yield solution.problem("the solution has no stub", "Write `name = ...` above its marks.")


def _answers(exercise: ExerciseCells) -> Iterator[Problem]:
    if exercise.answers and not any(_python(exercise.answers)):
        yield from solution_stub.answer_problems(exercise.answers)


def _tolerances(exercise: ExerciseCells) -> Iterator[Problem]:
    wanted = exercise.prompt.keys.get("tolerance")
    if not isinstance(wanted, Mapping) or (exercise.answers and any(_python(exercise.answers))):
        return
    names = names_of(exercise)
    for name in wanted:
        if name not in names:
            yield exercise.prompt.problem(f"a tolerance for {name!r}, which is no answer", one_of(names))


CELLS: tuple[Rule, ...] = (_keys, _missing, _doubled)
"""Which cells an exercise has, and what its prompt says: all else is looked at only where these hold."""
FORMS: tuple[Rule, ...] = (_syntax, _stub, _answers, _tolerances)
"""The form of each cell."""


def names_of(exercise: ExerciseCells) -> list[str]:
    """The names of the answers. Raises SyntaxError where the answers cell is no Python."""
    if exercise.answers:
        return solution_stub.answer_names(exercise.answers)
    return solution_stub.value_names(exercise.solution)


def one_of(names: Iterable[str]) -> str:
    """The remedy for a name that is no answer."""
    return f"The answers are {', '.join(names)}."


def _python(cell: Cell) -> Iterator[Problem]:
    """The problem of a cell that is no Python."""
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        yield cell.problem(f"{error.msg}", "Mend the Python of this cell.", (error.lineno or 1) - 1)


def _name(exercise: ExerciseCells) -> object:
    """The id that the prompt gives, in whatever form."""
    return exercise.prompt.keys.get("id", "")


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_ID.match(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_points(value: object) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value > 0


def _is_tolerance(value: object) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value >= 0


def _are_tolerances(value: object) -> bool:
    return all(map(_is_tolerance, value.values() if isinstance(value, Mapping) else [value]))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _are_options(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(option, str) for option in value)
        and len({option.strip().casefold() for option in value}) == len(value)
    )


_KEYS: tuple[tuple[str, bool, Callable[[object], bool], str], ...] = (
    ("id", True, _is_id, '"id": "kl-forward" (48 at most)'),
    ("points", True, _are_points, '"points": 2'),
    ("tolerance", False, _are_tolerances, '"tolerance": 0.0002, or {"answer": 0.0002}'),
    ("unit", False, _is_text, '"unit": "nats"'),
    ("optional", False, _is_flag, '"optional": true'),
    ("options", False, _are_options, '"options": ["forward", "reverse"]'),
)
"""Each key of a prompt, whether it must be there, whether a value will do, and what it looks like."""
