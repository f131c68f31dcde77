"""The numbers that an exercise starts from, which may look like its answer without giving it away.

The mean of 171.2, 171.5 and 171.95 is 171.55: of the data, 171.5 is the answer to four digits, and an honest
one. So a number of given code or of the solution's own arithmetic tells an answer only where it would be
taken as that answer. And where the answer *is* one of the data (their median, their largest), the data that
the solution itself reads tell nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format.lesson import LessonText
from autograder.core.python_names import names_in
from autograder.core.values import near


@dataclass(frozen=True)
class Reference:
    """One number that an exercise asks for."""

    exercise: str
    value: float
    tolerance: float


class Inputs:
    """The numbers in a lesson's given code and solutions, and those that each exercise's solution reads."""

    def __init__(self, lesson: LessonText, evaluated: Iterable[Evaluated]):
        given = [ast.parse(cell.source) for cell in lesson.cells if cell.is_given]
        known = list(evaluated)
        self._numbers = {value for tree in given for value in _numbers(tree)}
        self._numbers |= {value for one in known for value in _numbers(ast.parse(one.text.solution.source))}
        data = [(names, values) for tree in given for names, values in _collections(tree)]
        self._data = {one.text.id: _read_by(one, data) for one in known}

    def spoils(self, token: str, told: Iterable[Reference], own: str = "") -> Reference | None:
        """Find the answer that a number in the text gives away.

        Args:
            token: The number as it is written.
            told: The answers that it is, rounded.
            own: The exercise that the text speaks of, '' for none. There a number of its data gives its
                answer away all the same: a hint may not point at the median.

        Returns:
            The first of `told` that it gives away; None where it is one of the lesson's inputs.
        """
        value = float(token)
        for reference in told:
            if value not in self._numbers:
                return reference
            is_data = value in self._data[reference.exercise] and reference.exercise != own
            if near(value, reference.value, reference.tolerance) and not is_data:
                return reference
        return None


def _numbers(tree: ast.AST) -> Iterator[float]:
    """Every number in code, without its sign."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and abs(node.value) < 1e15:
            yield abs(float(node.value))


def _collections(tree: ast.Module) -> Iterator[tuple[frozenset[str], set[float]]]:
    """(names, numbers) of the assignments that give names to several numbers at once."""
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        values = {
            value
            for part in ast.walk(node.value)
            if isinstance(part, ast.List | ast.Tuple | ast.Set | ast.Dict)
            for value in _numbers(part)
        }
        if len(values) > 1:
            names = names_in(ast.unparse(node))
            yield names.bound | names.mutated, values


def _read_by(one: Evaluated, data: Iterable[tuple[frozenset[str], set[float]]]) -> set[float]:
    """The data whose names the solution of an exercise, or its answers cell, reads."""
    cells = [one.text.solution, *([one.text.answers] if one.text.answers else [])]
    read = frozenset().union(*(names_in(cell.source).read for cell in cells))
    return {value for names, values in data if names & read for value in values}
