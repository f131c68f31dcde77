"""The values that a learner typed into an answer cell, read without running anything.

Only `name = literal` counts. A value that is computed, or that something else in the cell may change, is
unknown: the name is missing from what is found.
"""

from __future__ import annotations

import ast
import math
from typing import TypeGuard

from autograder.core.python_names import names_in

LONGEST = 20_000
"""Characters of a cell that is read at all; an answer that is typed by hand is far shorter."""
_DEEPEST = 30  # nested brackets: far beyond any answer, and far below what makes the parser give up
_INFINITIES = ("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")


def values(source: str) -> dict[str, object]:
    """The literal of each name that `source` sets once and for all; of several settings the last."""
    tree = _parsed(source)
    if tree is None:
        return {}
    found: dict[str, object] = {}
    others: list[ast.stmt] = []  # all that does not set a name to a literal
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                try:
                    found[target.id] = _literal(statement.value)
                    continue
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    pass
        others.append(statement)
    changed = _changed(others)
    return {name: value for name, value in found.items() if changed is not None and name not in changed}


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a plain int or float; a bool is none."""
    return type(value) in (int, float)


def _changed(statements: list[ast.stmt]) -> frozenset[str] | None:
    """The names that other statements may set or change; None where that cannot be said."""
    if not statements:
        return frozenset()
    try:
        names = names_in(ast.unparse(ast.Module(statements, [])))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return names.bound | names.mutated


def _parsed(source: str) -> ast.Module | None:
    if len(source) > LONGEST or _depth(source) > _DEEPEST:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _depth(source: str) -> int:
    deepest = depth = 0
    for sign in source:
        depth += (sign in "([{") - (sign in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _literal(node: ast.expr) -> object:
    """The value of a literal, or of float("inf") and math.inf, which no literal can say."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _literal(node.operand)
        if not is_number(inner):
            raise ValueError("a sign before what is no number")
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.List | ast.Tuple):
        items = [_literal(item) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.attr == "inf" and node.value.id in ("math", "np", "numpy"):
            return math.inf
        raise ValueError("computed")
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "float" and not node.keywords:
            word = ast.literal_eval(node.args[0]) if len(node.args) == 1 else None
            if isinstance(word, str) and word.strip().casefold() in _INFINITIES:
                return float(word)
        raise ValueError("computed")
    value = ast.literal_eval(node)
    if type(value) is int and value.bit_length() > 1024:  # Python refuses to write out the largest
        raise ValueError("larger than any float")
    return value
