"""Cells without a role: reading, which is shown as it is, and given code, which everything else builds on."""

from __future__ import annotations

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, nbgrader


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """Reading as it is; given code as a cell that nbgrader keeps as it was handed out."""
    if not cell.is_given:
        notebook.markdown(notebook.numbered("reading"), cell.source)
        return
    id = notebook.numbered("given")
    notebook.code(id, cell.source, nbgrader(f"{notebook.number}-{id}", locked=True))
