"""A lesson with exercises imports `check` itself, above the first of them.

The set-up cell imports it too, but for the learner only: it is not run when grading, by this engine or by
nbgrader, and without the lesson's own import every grade cell would end in a NameError and score nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.roles.cell import Cell
from autograder.core.errors import Problem


def missing(text: LessonText) -> Iterator[Problem]:
    """The problem of a lesson whose given cells above the first exercise do not import `check`."""
    for block in text.blocks:
        if isinstance(block, ExerciseText):
            words = "no given cell above this first exercise imports check, which every grade cell calls"
            yield block.prompt.problem(
                words, "Write into the lesson's first given cell: from autograder import check, hint"
            )
            return
        if _imports_check(block):
            return


def _imports_check(cell: Cell) -> bool:
    if not cell.is_given:
        return False
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "autograder"
        and any(alias.name in ("check", "*") and alias.asname in (None, "check") for alias in node.names)
        for node in ast.walk(ast.parse(cell.source))
    )
