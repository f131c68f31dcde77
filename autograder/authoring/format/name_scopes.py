"""Which names a cell binds and needs: graded code may not need a name that only a figure defines."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import Problem
from autograder.core.python_names import names_in


def figure_needs(cells: Iterable[Cell]) -> list[Problem]:
    """A problem for each place where graded code needs a name that only a figure cell defines."""
    code = [cell for cell in cells if cell.kind == "code"]
    try:
        named = [(cell, names_in(cell.source)) for cell in code]
    except SyntaxError:
        return []  # reported with its line where the cell runs
    figure = {name for cell, names in named if not role_of(cell).is_graded for name in names.bound}
    defined = {name for cell, names in named if role_of(cell).is_graded for name in names.bound}
    return [
        cell.problem(
            f"this {cell.role or 'given'} cell needs {node.id!r}, which only a figure cell defines",
            "Figures are not run when grading. Define the name in a given cell, above.",
            node.lineno - 1,
        )
        for cell, names in named
        if role_of(cell).is_graded
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
        if node.id in names.read & (figure - defined)
    ]
