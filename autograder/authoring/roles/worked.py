"""The worked solution of an exercise: its steps, to be compared with one's own."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, folded


def emit(exercise: str, cells: Sequence[Cell], notebook: NotebookWriter) -> None:
    """All of it in one block that a click opens, where the course shows it before the lesson is graded."""
    if not notebook.worked_open:
        return
    body = "\n\n".join(cell.source for cell in cells)
    notebook.markdown(f"{exercise}-worked", folded("Check your work", body))
