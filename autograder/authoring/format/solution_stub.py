"""The stub of a solution cell, which learners get, and the names of the answers that it leaves open."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator

from autograder.authoring.roles.cell import Cell
from autograder.core.errors import Problem

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"

_STUB = re.compile(r"([A-Za-z_]\w*) = \.\.\.")
_TOLERANCE = re.compile(r"#\s*tolerance\b\s*(.*?)\s*$")


def stub_of(solution: Cell) -> str:
    """What a learner gets: the solution cell without what stands between its marks."""
    return "\n".join(line for _, line in _stub_lines(solution)).strip("\n")


def _stub_lines(solution: Cell) -> list[tuple[int, str]]:
    """The lines outside the marks, each with its offset in the cell."""
    lines, inside = [], False
    for offset, line in enumerate(solution.source.splitlines()):
        if line.strip() == BEGIN:
            inside = True
        elif line.strip() == END:
            inside = False
        elif not inside:
            lines.append((offset, line))
    return lines


def value_names(solution: Cell) -> list[str]:
    """The names that a stub of values leaves open."""
    return [match[1] for _, line in _stub_lines(solution) if (match := _STUB.fullmatch(line))]


def value_problems(solution: Cell) -> Iterator[Problem]:
    """What is off in the stub of an exercise that asks for values."""
    yield from _marks(solution)
    for offset, line in _stub_lines(solution):
        if line.strip() and not line.startswith("#") and not _STUB.fullmatch(line):
            yield solution.problem(
                f"the stub line {line!r} is not of the form `name = ...`",
                "Leave only lines like `kl_forward = ...` outside the solution's marks."
                " An exercise of functions needs a cell with :role: answers.",
                offset,
            )


def function_problems(solution: Cell) -> Iterator[Problem]:
    """What is off in the stub of an exercise that asks for functions; such a stub names no answer."""
    yield from _marks(solution)
    try:
        # Blank lines stand for what the marks hide, so that line numbers are the cell's own.
        shown = dict(_stub_lines(solution))
        tree = ast.parse("\n".join(shown.get(n, "") for n in range(len(solution.source.splitlines()))))
    except SyntaxError as error:
        yield solution.problem(
            f"the stub does not parse ({error.msg})", "Give every function a docstring and `...`."
        )
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not _is_empty(node):
            yield solution.problem(
                f"the stub of {node.name} has code in its body",
                "Outside the marks leave a docstring and `...` alone.",
                node.lineno - 1,
            )


def _marks(solution: Cell) -> Iterator[Problem]:
    marks = [line.strip() for line in solution.source.splitlines() if line.strip() in (BEGIN, END)]
    if not marks or marks != [BEGIN, END] * (len(marks) // 2):
        yield solution.problem("the solution is not between its marks", f"Put it between {BEGIN} and {END}.")


def _is_empty(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return all(
        _is_empty(item)
        if isinstance(item, ast.FunctionDef)
        else isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
        for item in node.body
    )


def answer_names(answers: Cell) -> list[str]:
    """The names that an answers cell assigns, in order. Raises SyntaxError where it is no Python."""
    return [name for name, _, _ in _answers(answers)]


def answer_tolerances(answers: Cell) -> dict[str, float]:
    """By name, the tolerances that the comments of an answers cell give. Raises SyntaxError."""
    return {name: _number(words) for name, words, _ in _answers(answers) if words is not None}


def answer_problems(answers: Cell) -> Iterator[Problem]:
    """What is off in an answers cell. Raises SyntaxError where it is no Python."""
    named = {line for _, _, line in _answers(answers)}
    for node in ast.parse(answers.source).body:
        if node.lineno not in named:
            yield answers.problem(
                "an answers cell holds statements of the form `name = call(...)` only",
                "Write one a line, e.g. train_nll = nll(fit(TRAIN), TRAIN)   # tolerance 0.000001",
                node.lineno - 1,
            )
    for _, words, line in _answers(answers):
        if words is not None and not 0 < _number(words) < math.inf:
            yield answers.problem(
                f"the tolerance {words!r} is no number above 0",
                "Write it like: # tolerance 0.000001",
                line - 1,
            )


def _answers(cell: Cell) -> Iterator[tuple[str, str | None, int]]:
    """(name, what its comment says of a tolerance, line in the cell) for each assignment to one name."""
    lines = cell.source.splitlines()
    for node in ast.parse(cell.source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            comment = _TOLERANCE.search(lines[(node.end_lineno or node.lineno) - 1])
            yield targets[0].id, comment[1] if comment else None, node.lineno


def _number(words: str) -> float:
    try:
        return float(words)
    except ValueError:
        return math.nan
