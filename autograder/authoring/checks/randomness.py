"""Graded code draws no random numbers: a reference would be another one on the next machine, or tomorrow."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import Problem

MODULES = ("random", "secrets", "uuid")
"""Modules that hand out random values, numpy.random among them."""


def random_numbers(cells: Iterable[Cell]) -> Iterator[Problem]:
    """A problem for the first line of each graded cell that draws random numbers."""
    for cell in cells:
        if cell.kind != "code" or not role_of(cell).is_graded:
            continue
        drawn = [(line, name) for line, name in _names(ast.parse(cell.source)) if _is_random(name)]
        if drawn:
            line = min(line for line, _ in drawn)
            name = max((name for at, name in drawn if at == line), key=len)
            yield cell.problem(
                f"this {cell.role or 'given'} cell draws random numbers ({name})",
                "Write the numbers down, or take a grid of quantiles or the nodes of a quadrature: the answer"
                " must be the same everywhere, at any time.",
                line - 1,
            )


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of all that `tree` imports, and of all attributes that it takes.

    `core.python_names` asks another question: which names are set and read, without what an import or an
    attribute stands for.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)


def _is_random(name: str) -> bool:
    parts = name.split(".")
    return parts[0] in MODULES or parts[:2] in (["np", "random"], ["numpy", "random"]) or parts[-1] == "rvs"
