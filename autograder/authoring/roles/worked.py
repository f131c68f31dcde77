"""The worked solution of an exercise: its steps, to be compared with one's own."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, folded


def emit(exercise: str, cells: Sequence[Cell], notebook: NotebookWriter) -> None:
    """Add all of it in one block that a click opens, unless the course keeps it until a class is graded.

    Args:
        exercise: The id of the exercise.
        cells: The cells of its worked solution.
        notebook: The notebook to add to.
    """
    if not notebook.worked_open:
        return
    body = "\n\n".join(cell.source for cell in cells)
    notebook.markdown(f"{exercise}-worked", folded("Check your work", body))
