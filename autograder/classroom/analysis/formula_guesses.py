"""From an unexplained wrong number to an expression that may be behind it, in the names of the lesson.

A short list of slips is tried on the right answer and on the numbers that the lesson gives. The list is short
on purpose: of many candidates some would fit by chance. A relation is a guess for the author to judge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import TypeGuard

from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.classroom.analysis.answer_literals import is_number
from autograder.core.values import same

_OF_THE_ANSWER = (
    ("-{0}", "minus the answer"),
    ("2 * {0}", "twice the answer"),
    ("{0} / 2", "half the answer"),
    ("1 - {0}", "one minus the answer"),
    ("1 + {0}", "one plus the answer"),
    ("{0} - 1", "the answer minus one"),
    ("{0} ** 2", "the square of the answer"),
    ("{0} ** 0.5", "the square root of the answer"),
    ("1 / {0}", "one divided by the answer"),
    ("{exp}({0})", "e to the power of the answer"),
    ("{exp}(-{0})", "e to the power of minus the answer"),
    ("{log}({0})", "the natural log of the answer"),
    ("-{log}({0})", "minus the natural log of the answer"),
    ("{0} / {log}(2)", "the answer in bits"),
    ("{0} * {log}(2)", "the answer times ln 2"),
    ("{0} / {log}(10)", "the answer in base-10 logs"),
    ("10 * {0}", "ten times the answer"),
    ("{0} / 10", "a tenth of the answer"),
    ("100 * {0}", "a hundred times the answer"),
    ("{0} / 100", "a hundredth of the answer"),
)
_OF_A_GIVEN_LIST = (
    ("{np}.sum({0})", "the sum of {0}"),
    ("{np}.mean({0})", "the mean of {0}"),
    ("{np}.max({0})", "the largest of {0}"),
    ("{np}.min({0})", "the smallest of {0}"),
    ("{np}.prod({0})", "the product of {0}"),
    ("{np}.sum({0} ** 2)", "the sum of the squares of {0}"),
    ("-{np}.sum({np}.log({0}))", "minus the sum of the logs of {0}"),
)
_MOST_BY_CHANCE = 0.05


@dataclass(frozen=True)
class Relation:
    """An expression in the lesson's names, its value, and what it says in words."""

    expression: str
    words: str
    value: float


def find(one: Evaluated, answer: str, value: object, tolerance: float) -> Relation | None:
    """Find an expression that may have led to a wrong value.

    The simplest come first. No more are tried than a number of this size, anywhere in its own range, would
    meet by chance with a probability of a twentieth.

    Args:
        one: The exercise with its right values and the numbers that it gives.
        answer: The name of the answer.
        value: The wrong value.
        tolerance: How far from the expression's value it may be; 0 for whole numbers.

    Returns:
        The first relation that fits; None where none does, or where it could well be chance.
    """
    reference: object = one.references[answer]
    if not is_finite(value) or not is_finite(reference):
        return None
    candidates = list(_candidates(one, answer))
    spread = 2 * max(abs(value), abs(reference), 10 * tolerance)
    # For whole numbers nearly everything fits something; only what the answer itself gives is worth a guess.
    if tolerance == 0:
        candidates = candidates[: len(_OF_THE_ANSWER)]
    for tried, (expression, words) in enumerate(candidates, 1):
        if tried * 2 * tolerance / spread > _MOST_BY_CHANCE:
            return None
        found = _evaluated(expression, {**one.given, answer: one.solved[answer]})
        if found is not None and same(value, found, tolerance or 1e-9):
            return Relation(expression, words, found)
    return None


def _candidates(one: Evaluated, answer: str) -> Iterator[tuple[str, str]]:
    functions = _functions(one.given)
    for pattern, words in _OF_THE_ANSWER:
        if functions or ("{exp}" not in pattern and "{log}" not in pattern):
            yield pattern.format(answer, **functions), words
    for name, value in one.given.items():
        if name.startswith("_") or name == answer:
            continue
        if is_number(value):
            yield name, f"{name} itself"
        elif functions.get("np") and _is_list_of_numbers(value):
            for pattern, words in _OF_A_GIVEN_LIST:
                yield pattern.format(name, **functions), words.format(name)


def _functions(given: Mapping[str, object]) -> dict[str, str]:
    """How the lesson itself would write exp and log; {} where it imports neither math nor numpy."""
    for module in ("math", "np"):
        if getattr(given.get(module), "log", None):
            found = {"exp": f"{module}.exp", "log": f"{module}.log"}
            return {**found, "np": "np"} if "np" in given else found
    return {}


def is_finite(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number, and neither infinite nor nan."""
    return is_number(value) and math.isfinite(value)


def _is_list_of_numbers(value: object) -> bool:
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return (
        kind in ("f", "i")
        and getattr(value, "ndim", 0) == 1
        and isinstance(value, Sized)
        and 1 < len(value) <= 1000
    )


def _evaluated(expression: str, names: Mapping[str, object]) -> float | None:
    """The value of one of the expressions above in the author's own names; None where it has none."""
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = eval(expression, {"__builtins__": {}}, dict(names))
            number = float(found)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return number if math.isfinite(number) else None
