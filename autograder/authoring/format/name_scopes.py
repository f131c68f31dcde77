"""Which names a cell binds and needs: graded code may not need a name that only a figure defines."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.authoring.format.cells import Cell
from autograder.core.errors import Problem

GRADED = ("", "answers", "mistakes", "proof", "solution", "tests")


def figure_needs(cells: Iterable[Cell]) -> list[Problem]:
    """A problem for each place where graded code needs a name that only a figure cell defines."""
    code = [cell for cell in cells if cell.kind == "code"]
    try:
        trees = [(cell, ast.parse(cell.source)) for cell in code]
    except SyntaxError:
        return []  # reported with its line where the cell runs
    figure = {name for cell, tree in trees if cell.role == "figure" for name in _bound(tree)}
    defined = {name for cell, tree in trees if cell.role in GRADED for name in _bound(tree)}
    return [
        cell.problem(
            f"this {cell.role or 'given'} cell needs {node.id!r}, which only a figure cell defines",
            "Figures are not run when grading. Define the name in a given cell, above.",
            node.lineno - 1,
        )
        for cell, tree in trees
        if cell.role in GRADED
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in figure - defined
    ]


def _bound(tree: ast.Module) -> set[str]:
    """The names that a cell binds at its top level, and the parameters and locals of its functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names
