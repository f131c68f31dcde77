"""A graded notebook for the instructor's pages: nothing that its learner put into it runs there.

What the instructor wrote stays as it is. Of the learner's, an honest notebook comes out byte for byte as it
went in; the submission itself is not touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from autograder.grading.assignment.notebook_json import Cell, Json, Output
from autograder.grading.assignment.snapshot import NotebookSnapshot
from autograder.grading.submission import notebook_file
from autograder.grading.submission.inert_html import inert_html, is_inert, without_active_tex
from autograder.grading.submission.inert_markdown import inert_markdown

_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_NAME = re.compile(r"[\w-]{1,128}")
_SETTING = re.compile(r"[\w.%-]*")
_HIDES = frozenset({"transient", "magics_language", "filenames", "widgets"})
"""Metadata that hides a cell, names another language or file for it, or holds a widget's script."""
_KEYS = {
    "stream": ("output_type", "name", "text"),
    "error": ("output_type", "ename", "evalue", "traceback"),
    "display_data": ("output_type", "data", "metadata"),
    "execute_result": ("output_type", "data", "metadata", "execution_count"),
}
"""What nbformat has in an output. A template would follow others, such as the name of a picture's file."""


def _picture(text: str) -> str | None:
    return text if _BASE64.fullmatch(text) else None


_KINDS: Mapping[str, Callable[[str], str | None]] = {
    "text/plain": str,
    "text/html": inert_html,
    "text/markdown": inert_markdown,
    "text/latex": without_active_tex,
    "image/png": _picture,
    "image/jpeg": _picture,
    "image/gif": _picture,
    "image/webp": _picture,
    "image/svg+xml": str,  # shown by <img>, in which no script runs and nothing is loaded
}
"""The representations that a page shows without a script. All others are left out."""


@dataclass(frozen=True)
class _Teachers:
    """The grade ids that the instructor gave, and the cells that the instructor wrote, by type and source."""

    ids: Set[str]
    cells: Set[tuple[str, str]]


def inert_notebook(data: bytes, assignment: NotebookSnapshot | None) -> bytes:
    """The notebook with all of the learner's that could run, load or mislead spelled out or left out.

    Args:
        data: A notebook in format 4, as `notebook_file.write` makes it.
        assignment: The instructor's notebook, whose texts are trusted; None where there is none.

    Returns:
        The same bytes where all was harmless.
    """
    notebook = json.loads(data)
    if not isinstance(notebook, dict) or "cells" not in notebook:
        return data
    teachers = _Teachers(
        {cell.name for cell in assignment.cells} if assignment else set(),
        {(cell["cell_type"], cell["source"]) for cell in assignment.instructor} if assignment else set(),
    )
    given = {**notebook, "cells": [_as_text(cell) for cell in notebook["cells"]]}
    made = {
        **given,
        "cells": [_cell(cell, teachers) for cell in given["cells"]],
        "metadata": _metadata(given.get("metadata", {})),
    }
    return data if made == given else notebook_file.write(made)


def _as_text(cell: Cell) -> Cell:
    """A cell with every text in one piece, as `notebook_file.write` takes it."""
    found = {**cell, "source": _joined(cell["source"])}
    if "outputs" in cell:
        found["outputs"] = [_output_as_text(output) for output in cell["outputs"]]
    if "attachments" in cell:
        found["attachments"] = {name: _bundle_as_text(one) for name, one in cell["attachments"].items()}
    return found


def _output_as_text(output: Output) -> Output:
    found = dict(output)
    if "text" in found:
        found["text"] = _joined(found["text"])
    if "data" in found:
        found["data"] = _bundle_as_text(found["data"])
    return found


def _bundle_as_text(bundle: Json) -> Json:
    return {kind: value if kind.endswith("json") else _joined(value) for kind, value in bundle.items()}


def _joined(value: object) -> object:
    whole = isinstance(value, list) and all(isinstance(line, str) for line in value)
    return "".join(value) if whole else value  # type: ignore[arg-type]


def _cell(cell: Cell, teachers: _Teachers) -> Cell:
    made = {**cell, "metadata": _metadata(cell["metadata"], teachers)}
    if "attachments" in made:
        made["attachments"] = {
            name: kept for name, one in made["attachments"].items() if (kept := _attachment(one))
        }
    if made["cell_type"] == "code":
        made["outputs"] = [_output(output) for output in made["outputs"] if _KEYS.get(output["output_type"])]
        made["execution_count"] = _count(made)
    elif (made["cell_type"], made["source"]) not in teachers.cells or "attachment:" in made["source"]:
        if made["cell_type"] == "markdown":
            made["source"] = inert_markdown(made["source"], made.get("attachments"))
        elif not is_inert(made["source"]):  # a raw cell is shown as HTML
            made["source"] = without_active_tex(made["source"].replace("<", "< "))
    return made


def _count(holder: Json) -> int | None:
    count = holder.get("execution_count")
    return count if type(count) is int and count >= 0 else None


def _metadata(metadata: Json, teachers: _Teachers | None = None) -> Json:
    """Without what hides a cell, and without texts that could end the quotes in which a page puts them."""
    found = {key: value for key, value in metadata.items() if key not in _HIDES and _is_plain([key, value])}
    keys = metadata.get("nbgrader")
    if "nbgrader" in found and teachers and isinstance(keys, dict):
        name = keys.get("grade_id")
        if name not in teachers.ids and not (isinstance(name, str) and _NAME.fullmatch(name)):
            del found["nbgrader"]
    if not isinstance(found.get("raw_mimetype", ""), str):
        del found["raw_mimetype"]
    return found


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return not re.search('[<>"]', value)
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(one) for key, one in value.items())
    return all(map(_is_plain, value)) if isinstance(value, list) else True


def _attachment(bundle: Json) -> Json:
    return {
        kind: value
        for kind, value in bundle.items()
        if kind.startswith("image/")
        and kind in _KINDS
        and isinstance(value, str)
        and _BASE64.fullmatch(value)
    }


def _output(output: Output) -> Output:
    made = {key: output[key] for key in _KEYS[output["output_type"]] if key in output}
    if "data" in made:
        made["data"] = _data(made["data"])
        made["metadata"] = _output_metadata(made.get("metadata", {}))
    if "execution_count" in made:
        made["execution_count"] = _count(made)
    return made


def _data(bundle: Json) -> Json:
    made: Json = {}
    for kind, value in bundle.items():
        if kind == "application/json":
            made[kind] = value
        elif kind in _KINDS and isinstance(value, str) and (kept := _KINDS[kind](value)) is not None:
            made[kind] = kept
    if bundle and not made:
        made["text/plain"] = f"(left out, since it could run here: {', '.join(sorted(bundle))})"[:200]
    return made


def _output_metadata(metadata: Json) -> Json:
    """Sizes and settings: numbers and single words, of the output and of each of its representations."""
    found: Json = {}
    for key, value in metadata.items():
        if isinstance(value, dict) and key in _KINDS:
            found[key] = {name: one for name, one in value.items() if _is_setting(name, one)}
        elif _is_setting(key, value):
            found[key] = value
    return found


def _is_setting(name: str, value: object) -> bool:
    if name in _HIDES or name == "isolated" or not _SETTING.fullmatch(name):
        return False
    return isinstance(value, bool | int | float) or (
        isinstance(value, str) and bool(_SETTING.fullmatch(value))
    )
