"""What a learner gets of a solution cell, and the names that it, or the answers cell, gives a value."""

from __future__ import annotations

import ast
import math
import re

from autograder.authoring.format.cells import Cell
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


def _marks(solution: Cell) -> list[Problem]:
    marks = [line.strip() for line in solution.source.splitlines() if line.strip() in (BEGIN, END)]
    if not marks or marks != [BEGIN, END] * (len(marks) // 2):
        return [
            solution.problem("the solution is not between its marks", f"Put it between {BEGIN} and {END}.")
        ]
    return []


def of_values(solution: Cell, problems: list[Problem]) -> list[str]:
    """The names that a stub of values leaves open; what is off is added to `problems`."""
    problems += _marks(solution)
    names = []
    for offset, line in _stub_lines(solution):
        match = _STUB.fullmatch(line)
        if match:
            names.append(match[1])
        elif line.strip() and not line.startswith("#"):
            problems.append(
                solution.problem(
                    f"the stub line {line!r} is not of the form `name = ...`",
                    "Leave only lines like `kl_forward = ...` outside the solution's marks."
                    " An exercise of functions needs a cell with :role: answers.",
                    offset,
                )
            )
    if not names and not problems:
        problems.append(solution.problem("the solution has no stub", "Write `name = ...` above its marks."))
    return names


def of_functions(solution: Cell, problems: list[Problem]) -> list[str]:
    """Checks a stub of functions, which names no answer; what is off is added to `problems`."""
    problems += _marks(solution)
    try:
        # Blank lines stand for what the marks hide, so that line numbers are the cell's own.
        shown = dict(_stub_lines(solution))
        tree = ast.parse("\n".join(shown.get(n, "") for n in range(len(solution.source.splitlines()))))
    except SyntaxError as error:
        problems.append(
            solution.problem(
                f"the stub does not parse ({error.msg})", "Give every function a docstring and `...`."
            )
        )
        return []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not _is_empty(node):
            problems.append(
                solution.problem(
                    f"the stub of {node.name} has code in its body",
                    "Outside the marks leave a docstring and `...` alone.",
                    node.lineno - 1,
                )
            )
    return []


def _is_empty(node: ast.FunctionDef | ast.ClassDef) -> bool:
    return all(
        _is_empty(item)
        if isinstance(item, ast.FunctionDef)
        else isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
        for item in node.body
    )


def answer_names(cell: Cell, problems: list[Problem]) -> tuple[list[str], dict[str, float]]:
    """The names that an answers cell assigns, and the tolerances its comments give."""
    names: list[str] = []
    tolerances: dict[str, float] = {}
    lines = cell.source.splitlines()
    for node in ast.parse(cell.source).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if len(targets) != 1 or not isinstance(targets[0], ast.Name):
            problems.append(
                cell.problem(
                    "an answers cell holds statements of the form `name = call(...)` only",
                    "Write one a line, e.g. train_nll = nll(fit(TRAIN), TRAIN)   # tolerance 0.000001",
                    node.lineno - 1,
                )
            )
            continue
        names.append(targets[0].id)
        comment = _TOLERANCE.search(lines[(node.end_lineno or node.lineno) - 1])
        if comment:
            try:
                tolerances[names[-1]] = float(comment[1])
            except ValueError:
                tolerances[names[-1]] = math.nan
            if not 0 < tolerances[names[-1]] < math.inf:
                problems.append(
                    cell.problem(
                        f"the tolerance {comment[1]!r} is no number above 0",
                        "Write it like: # tolerance 0.000001",
                        node.lineno - 1,
                    )
                )
    return names, tolerances
