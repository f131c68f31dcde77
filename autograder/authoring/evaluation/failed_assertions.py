"""What is said of code that failed: of an assertion, its source and the values of both sides."""

from __future__ import annotations

import ast
import contextlib
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import SupportsFloat

from autograder.authoring.evaluation import workplace
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import ROLES
from autograder.core.kinds.true_types import describe

LONGEST = 60
"""Signs of one value or one line of source."""
_APPROXIMATE = ("isclose", "allclose", "array_equal", "same")
_FIGURES = 12


def failure(error: Exception | SystemExit, cell: Cell, tree: ast.Module | None, role: str) -> tuple[str, str]:
    """Say why code of a cell failed.

    Args:
        error: What it raised.
        cell: The cell.
        tree: The code, None where it cannot be parsed.
        role: The role of the cell, or "given".

    Returns:
        What is wrong, and the remedy.
    """
    must = f"This code of the role {role!r} must run"
    if not isinstance(error, AssertionError):
        words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        return words, f"{must}.{workplace.advice(error)}"
    with workplace.quiet():
        words = explained(error, cell.path, tree) if tree else str(error)
    mend = ROLES[role].failed if role in ROLES else ""
    return words, f"{must}: {mend}" if mend else f"{must}."


def explained(error: AssertionError, path: Path, tree: ast.AST) -> str:
    """Say what an assertion compared.

    Args:
        error: The error that the assertion raised.
        path: The file that the code was compiled as.
        tree: The code, with the line numbers of that file.

    Returns:
        A sentence with the source of the assertion and the values of both sides.
    """
    words = " ".join(str(error).split())
    frame = _last(error.__traceback__, str(path))
    statement = frame and next(_asserts(tree, frame.tb_lineno), None)
    if frame is None or statement is None:
        return f"an assertion failed{f': {words}' if words else ''}"
    said = f"`{_short(ast.unparse(statement.test))}` does not hold"
    names = {**frame.tb_frame.f_globals, **frame.tb_frame.f_locals}
    sides = [f"{_short(ast.unparse(side))} is {value}" for side, value in _values(statement.test, names)]
    return said + "".join(f"; {one}" for one in dict.fromkeys(sides)) + (f" ({words})" if words else "")


def shown(value: object) -> str:
    """A value in a few signs: numbers with twelve figures, arrays and lists cut short."""
    if isinstance(value, bool | int | str) or value is None:
        return _short(repr(value))
    if isinstance(value, SupportsFloat):
        with contextlib.suppress(Exception):
            return f"{float(value):.{_FIGURES}g}"
    try:
        return _short(" ".join(str(value).split()))
    except Exception:
        return describe(value)


def _last(trace: TracebackType | None, file: str) -> TracebackType | None:
    """Where the assertion failed: the innermost frame, if it is one of `file`."""
    found = None
    while trace:
        found, trace = trace, trace.tb_next
    return found if found and found.tb_frame.f_code.co_filename == file else None


def _asserts(tree: ast.AST, line: int) -> Iterator[ast.Assert]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and node.lineno <= line <= (node.end_lineno or node.lineno):
            yield node


def _values(test: ast.expr, names: Mapping[str, object]) -> Iterator[tuple[ast.expr, str]]:
    """The sides of a comparison that are no plain numbers, with their values."""
    for side in _sides(test):
        if isinstance(side, ast.Constant):
            continue
        try:
            # It ran a moment ago, and is the author's own.
            value = eval(compile(ast.Expression(side), "assert", "eval"), dict(names))
        except Exception:
            continue
        yield side, shown(value)


def _sides(test: ast.expr) -> list[ast.expr]:
    """What `test` compares: of a == b, abs(a - b) < tolerance, isclose(a, b), and of each part of a whole."""
    if isinstance(test, ast.BoolOp):
        return [side for part in test.values for side in _sides(part)]
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _sides(test.operand)
    if isinstance(test, ast.Compare):
        return [one for side in (test.left, *test.comparators) for one in _difference(side)]
    if isinstance(test, ast.Call):
        name = test.func.attr if isinstance(test.func, ast.Attribute) else getattr(test.func, "id", "")
        if name in _APPROXIMATE:
            return list(test.args[:2])
        if name in ("all", "any") and test.args:
            return _sides(test.args[0])
        if name in ("all", "any") and isinstance(test.func, ast.Attribute):
            return _sides(test.func.value)
    return [test]


def _difference(side: ast.expr) -> list[ast.expr]:
    """a and b of abs(a - b), under max() and sum() too; any other expression is a side of its own."""
    inner = side
    while isinstance(inner, ast.Call) and (inner.args or isinstance(inner.func, ast.Attribute)):
        name = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
        if name not in ("abs", "fabs", "absolute", "max", "amax", "sum", "mean", "norm", "float"):
            break
        inner = inner.args[0] if inner.args else inner.func.value  # type: ignore[attr-defined]
    if inner is not side and isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
        return [inner.left, inner.right]
    return [side]


def failed_line(error: BaseException, path: Path, first: int) -> int:
    """Find the line at which code of a lesson failed.

    Args:
        error: The error.
        path: The file that the code was compiled as.
        first: The line to name where no line of that file is in the traceback.

    Returns:
        The innermost 1-based line of `path` in the traceback.
    """
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or first
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return next((line for line in reversed(lines) if line), first)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
