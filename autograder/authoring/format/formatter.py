"""The canonical form of a lesson's Markdown: the form that survives open-and-save in JupyterLab.

What is kept is said here and in no file of a course: `format` writes the same text everywhere.
"""

from __future__ import annotations

from pathlib import Path

from autograder.authoring.format import card_ids, unwritten
from autograder.authoring.format.cells import parse, read_text
from autograder.core.atomic_write import write_whole
from autograder.core.lazy_imports import without_format_checks

FRONT_MATTER = "minutes,title,-all"
CELL_KEYS = "all"
SETTINGS = f"""\
# Open a lesson in JupyterLab with jupytext and save it: the file stays as it was.
# Only the lesson's own front matter is kept; kernel and version details are not written.
formats = "md:myst"
notebook_metadata_filter = "{FRONT_MATTER}"
cell_metadata_filter = "{CELL_KEYS}"
"""
"""lessons/jupytext.toml, for JupyterLab alone: `format` and `build` never read it."""


def canonical(path: Path) -> str:
    """The text of the lesson at `path` in canonical form; see `tidied`."""
    return tidied(read_text(path), path)


def tidied(text: str, path: Path) -> str:
    """`text` in canonical form, as the file `path`.

    Raises LessonError where it cannot be read as cells, and where something of it would be lost: the
    canonical form has no place for it.
    """
    without_format_checks()
    import jupytext

    before = parse(text, path)
    unwritten.refuse(text, path, before[0])
    notebook = jupytext.reads(text, fmt="md:myst", config=_config())
    for cell in notebook.cells:
        cell.metadata = type(cell.metadata)(sorted(cell.metadata.items()))
        cell.source = cell.source.replace("\r\n", "\n").strip("\n")
    notebook.metadata = type(notebook.metadata)(sorted(notebook.metadata.items()))
    notebook.metadata.setdefault("jupytext", {})["default_lexer"] = "ipython3"
    tidy = str(jupytext.writes(notebook, fmt="md:myst", config=_config()))
    unwritten.compare(before, parse(tidy, path), path)
    return card_ids.written(tidy, path)


def _config() -> object:
    from jupytext.config import JupytextConfiguration

    return JupytextConfiguration(notebook_metadata_filter=FRONT_MATTER, cell_metadata_filter=CELL_KEYS)


def settle(lessons: Path) -> Path | None:
    """Write lessons/jupytext.toml where there is none, so that JupyterLab keeps to the form; returns it."""
    path = lessons / "jupytext.toml"
    if path.exists():
        return None
    write_whole(path, SETTINGS)
    return path
