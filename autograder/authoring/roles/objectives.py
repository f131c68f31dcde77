"""The lesson's objectives: what a learner can do after it."""

from __future__ import annotations

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """The list under a head, and how long the lesson takes."""
    text = f"**After this lesson you can**\n\n{cell.source}\n\n*About {notebook.minutes} minutes.*"
    notebook.markdown(notebook.numbered("objectives"), text)
