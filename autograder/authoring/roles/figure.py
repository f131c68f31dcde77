"""A figure that a learner can move: its code hidden, its picture as output until a kernel draws it anew."""

from __future__ import annotations

import base64

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter
from autograder.core.cell_tags import NOT_GRADED
from autograder.core.lazy_imports import lean_nbformat


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """The code, hidden and not run when grading, with the picture as its output."""
    nbformat = lean_nbformat()
    png, text = notebook.picture()
    image = {"image/png": base64.b64encode(png).decode(), "text/plain": text}
    words = f"*{text} Run this cell to move the sliders.*"
    # JupyterLab shows no alternative of a stored image, so the words stand below it.
    outputs = [
        nbformat.v4.new_output("display_data", image, metadata={"image/png": {"alt": text}}),
        nbformat.v4.new_output("display_data", {"text/markdown": words, "text/plain": words}),
    ]
    metadata: dict[str, object] = {
        "jupyter": {"source_hidden": True},
        "tags": ["figure", "hide-input", NOT_GRADED],
    }
    notebook.code(notebook.numbered("figure"), cell.source, metadata, outputs)
