"""The plain properties of a notebook that the notebook format asks for, and outputs cleared."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping

from autograder.grading.assignment.notebook_json import Cell, Json
from autograder.grading.assignment.snapshot import grade_id
from autograder.grading.submission.notebook_file import too_deep

MOST_CELLS = 2000
LONGEST_SOURCE = 1 << 20  # characters of a cell
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def _is_tags(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(tag, str) and tag for tag in value):
        return False
    return len(set(value)) == len(value) and not any("," in tag for tag in value)


# What the format says of the metadata that it knows; a value that is otherwise is dropped.
_CELL_METADATA: dict[str, Callable[[object], bool]] = {
    "tags": _is_tags,
    "name": lambda value: isinstance(value, str) and value != "",
    "collapsed": lambda value: isinstance(value, bool),
    "scrolled": lambda value: isinstance(value, bool) or value == "auto",
    "jupyter": lambda value: isinstance(value, dict),
    "execution": lambda value: isinstance(value, dict),
    "format": lambda value: isinstance(value, str),
    "nbgrader": lambda value: isinstance(value, dict),
}
_NOTEBOOK_METADATA: dict[str, Callable[[object], bool]] = {
    "kernelspec": lambda value: (
        isinstance(value, dict) and all(isinstance(value.get(key), str) for key in ("name", "display_name"))
    ),
    "language_info": lambda value: isinstance(value, dict) and isinstance(value.get("name"), str),
    "title": lambda value: isinstance(value, str),
    "authors": lambda value: isinstance(value, list),
}
_CELL_KEYS = ("id", "cell_type", "metadata", "attachments", "execution_count")  # the format allows no others
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")


def notebook_metadata(metadata: Json, kernelspec: str | None) -> Json:
    """A notebook's metadata without what is malformed, with the instructor's kernel (JSON)."""
    kept = {key: value for key, value in metadata.items() if key not in _TRANSIENT}
    kept = {key: value for key, value in kept.items() if _NOTEBOOK_METADATA.get(key, _anything)(value)}
    kernel = json.loads(kernelspec) if kernelspec else None
    return {**kept, "kernelspec": kernel} if kernel else kept


def tidy_cells(cells: list[dict[str, object]], known: set[str], notes: list[str]) -> list[Cell]:
    """The cells as the format has them, outputs cleared, no more than `MOST_CELLS` and the graded ones.

    Args:
        cells: As the student left them.
        known: The grade ids of the assignment's notebook.
        notes: What was mended, in words; changed.
    """
    if len(cells) > MOST_CELLS:
        notes.append(f"the notebook has {len(cells)} cells; only the first {MOST_CELLS} were kept")
        graded = [cell for cell in cells[MOST_CELLS:] if grade_id(cell) in known]
        cells = cells[:MOST_CELLS] + graded[-MOST_CELLS:]
    return [tidy_cell(cell, notes) for cell in cells]


def retype(cell: Cell, cell_type: str) -> None:
    """Turn a cell into one of another type."""
    cell["cell_type"] = cell_type
    if cell_type == "code":
        cell.pop("attachments", None)
        cell["outputs"], cell["execution_count"] = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def give_ids(cells: list[Cell]) -> None:
    """A valid id of its own for each cell; the first of several equal ones keeps it."""
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        name = cell.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name) or name in seen:
            # From the content, so that the same submission always gives the same notebook.
            name = hashlib.sha256(f"{index} {cell['source']}".encode()).hexdigest()[:12]
            while name in seen:
                name = hashlib.sha256(name.encode()).hexdigest()[:12]
            cell["id"] = name
        seen.add(name)


def tidy_cell(old: Mapping[str, object], notes: list[str]) -> Cell:
    """One cell as the format has it, its outputs cleared."""
    cell: Cell = {key: old[key] for key in _CELL_KEYS if key in old and not too_deep(old[key])}
    if not isinstance(cell.get("id", ""), str):
        del cell["id"]
    source = old.get("source", old.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    if len(source) > LONGEST_SOURCE:
        notes.append(f"a cell of {len(source)} characters was cut off")
    metadata = cell.get("metadata")
    cell["source"] = source[:LONGEST_SOURCE]
    cell["metadata"] = {
        key: value
        for key, value in (metadata.items() if isinstance(metadata, dict) else ())
        if key != "trusted" and _CELL_METADATA.get(key, _anything)(value)
    }
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw"):
        kind = "code" if "outputs" in old or "execution_count" in old else "markdown"
    retype(cell, str(kind))
    if kind == "code":
        cell["metadata"].pop("collapsed", None)
        cell["metadata"].pop("scrolled", None)
    elif "attachments" in cell:
        _tidy_attachments(cell)
    return cell


def _tidy_attachments(cell: Cell) -> None:
    found = cell["attachments"]
    if not isinstance(found, dict) or not all(isinstance(bundle, dict) for bundle in found.values()):
        del cell["attachments"]
        return
    for bundle in found.values():
        for kind, value in bundle.items():
            if isinstance(value, list) and all(isinstance(line, str) for line in value):
                bundle[kind] = "".join(value)


def _anything(value: object) -> bool:
    return True
