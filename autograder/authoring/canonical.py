"""The canonical form of a lesson's Markdown: the form that survives open-and-save in JupyterLab."""

from __future__ import annotations

from pathlib import Path

from autograder.authoring import card_ids
from autograder.authoring.cells import parse, read_text
from autograder.core.lean import without_format_checks


def canonical(path: Path) -> str:
    """The text of a lesson in canonical form. Raises LessonError where it cannot be read as cells."""
    without_format_checks()
    import jupytext
    from jupytext.config import load_jupytext_config

    text = read_text(path)
    parse(text, path)
    config = load_jupytext_config(str(path.resolve()))
    notebook = jupytext.reads(text, fmt="md:myst", config=config)
    for cell in notebook.cells:
        cell.metadata = type(cell.metadata)(sorted(cell.metadata.items()))
        cell.source = cell.source.replace("\r\n", "\n").strip("\n")
    notebook.metadata = type(notebook.metadata)(sorted(notebook.metadata.items()))
    notebook.metadata.setdefault("jupytext", {})["default_lexer"] = "ipython3"
    return card_ids.written(str(jupytext.writes(notebook, fmt="md:myst", config=config)), path)
