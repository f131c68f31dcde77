"""A notebook's bytes to a dictionary, whatever happened to them, and back.

`read` gives for a sound notebook what nbformat.reads gives, and for a damaged one all cells that can
still be read. `write` gives what nbformat.writes gives. Neither validates against the JSON schema, which
costs more than all the rest; `repair` makes what it returns valid.
"""

from __future__ import annotations

import json
import re
import secrets

from autograder.core.errors import GradingError
from autograder.core.lazy_imports import without_format_checks
from autograder.grading.assignment.notebook_json import Cell, Json, Notebook, Output
from autograder.grading.submission import json_recovery

without_format_checks()

LARGEST_FILE = 200 << 20  # bytes; nothing behind is looked at
LARGEST_TEXT = 20 << 20  # characters without the outputs; parsing takes up to 20 times as much memory
MOST_PARTS = 1_000_000  # lists, objects and their items in a text so large
DEEPEST = 50  # levels of nesting in metadata
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Unreadable(GradingError):
    """No notebook can be recognised in the bytes. The message says what was found instead."""


def read(data: bytes) -> tuple[Json, list[str]]:
    """A notebook in format 4 as plain dictionaries and lists, and notes on what was mended.

    "cells" is a list of dictionaries, "metadata" a dictionary, "nbformat_minor" an integer; what stands in
    the cells is as the student left it. Raises Unreadable.
    """
    notes: list[str] = []
    if not data.strip():
        raise Unreadable("the notebook file is empty")
    text = _decode(data[:LARGEST_FILE], notes)
    if len(data) > LARGEST_FILE:
        notes.append("the notebook file is gigantic; its end was not read")
    if _is_gigantic(text):
        text = json_recovery.without_outputs(text)
        if _is_gigantic(text):
            notes.append("the notebook is gigantic even without its outputs; its end was cut off")
            text = text[:LARGEST_TEXT]
    content = _parse(text, notes)
    if _SURROGATE.search(text):
        content = _without_surrogates(content)
    return _format_four(content, notes), notes


def write(notebook: Notebook) -> bytes:
    """What nbformat.writes and nbconvert's file writer make of a notebook in format 4."""
    metadata = {
        key: value
        for key, value in notebook["metadata"].items()
        if key not in ("orig_nbformat", "orig_nbformat_minor", "signature")
    }
    cells = [_cell_text(_cell_for_file(cell)) for cell in notebook["cells"]]
    text = _indented({**notebook, "metadata": metadata, "cells": [_PLACE] if cells else []})
    if cells:
        text = text.replace(f'"{_PLACE}"', ",\n  ".join(cells), 1)
    # A program can print half a surrogate pair; UTF-8 has no bytes for it.
    return (text + "\n").encode("utf-8", "replace")


_PLACE = f"cells-{secrets.token_hex(16)}"  # where the cells go; no notebook can hold it
_TEXTS: dict[str, str] = {}
_MOST_TEXTS = 4096


def _cell_text(cell: Cell) -> str:
    """A cell as it stands in the file. Most cells of a class are the same; indenting them takes long."""
    key = json.dumps(cell, sort_keys=True, ensure_ascii=False)
    text = _TEXTS.get(key)
    if text is None:
        text = _indented(cell).replace("\n", "\n  ")
        if len(_TEXTS) >= _MOST_TEXTS:
            _TEXTS.clear()
        if len(key) < 1 << 14:
            _TEXTS[key] = text
    return text


def _indented(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True, separators=(",", ": "), ensure_ascii=False)


def too_deep(value: object, depth: int = DEEPEST) -> bool:
    """Whether a value is nested deeper than what any tool of Jupyter's can be trusted with."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(too_deep(one, depth - 1) for one in inner)


def _is_gigantic(text: str) -> bool:
    """Whether parsing would take too much memory. Few large parts, such as pictures, do not."""
    return len(text) > LARGEST_TEXT and sum(map(text.count, "[{,:")) > MOST_PARTS


def _decode(data: bytes, notes: list[str]) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _decode_otherwise(data)
        notes.append("the notebook was not stored as UTF-8 and was converted")
    # UTF-16 without its mark: every second byte of its first characters is zero, not just any.
    for encoding, zeros in (("utf-16-be", data[0:8:2]), ("utf-16-le", data[1:8:2])):
        if zeros and not any(zeros) and any(data[:8]):
            text = data.decode(encoding, "replace")
            notes.append("the notebook was not stored as UTF-8 and was converted")
            break
    return text.removeprefix("\ufeff")


def _decode_otherwise(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    # Damaged UTF-8 still holds more whole characters than broken ones; Latin-1 holds hardly any whole.
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if broken <= whole else data.decode("latin-1")


def _parse(text: str, notes: list[str]) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        text = text.replace("\0", "")  # what a disk or an editor left; JSON has none
        found = json_recovery.notebook(text)
    if found is None:
        raise Unreadable("the file is no notebook: it holds no JSON with cells")
    notes.append(f"the notebook file is damaged; {len(found['cells'])} of its cells could be read")
    return found


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(one) for key, one in value.items()}
    return value


def _format_four(content: object, notes: list[str]) -> Json:
    if isinstance(content, list) and any(isinstance(one, dict) and "cell_type" in one for one in content):
        content = {"cells": content, "nbformat": 4, "nbformat_minor": 5}
    if not isinstance(content, dict):
        raise Unreadable(f"the file is no notebook: it holds JSON, but {type(content).__name__} for notebook")
    if "worksheets" in content or content.get("nbformat") in (1, 2, 3):
        content = _upgraded(content)
        notes.append("the notebook was stored in an old format and was converted")
    if not isinstance(content.get("cells"), list):
        raise Unreadable("the file is no notebook: it holds JSON, but no cells")
    cells = [cell for cell in content["cells"] if isinstance(cell, dict)]
    if len(cells) < len(content["cells"]):
        notes.append("something in the notebook that is no cell was left out")
    metadata = content.get("metadata")
    if not isinstance(metadata, dict) or too_deep(metadata):
        metadata = {}
    minor = content.get("nbformat_minor")
    plain = type(minor) is int and 0 <= minor < 100 and content.get("nbformat") == 4
    return {
        "cells": cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": minor if plain else 5,
    }


def _upgraded(content: Json) -> Json:
    """Format 1, 2 or 3 as 4, without outputs. nbformat's converters trip over anything that is missing."""
    cells = [_upgraded_cell(cell) for cell in json_recovery.cells_within(content)]
    if not cells:
        raise Unreadable("the notebook is stored in an old format and holds no cells")
    metadata = content.get("metadata")
    kept = (
        {key: value for key, value in metadata.items() if key != "name"} if isinstance(metadata, dict) else {}
    )
    return {"cells": cells, "metadata": kept, "nbformat": 4, "nbformat_minor": 5}


def _upgraded_cell(old: Cell) -> Json:
    source = next((old[key] for key in ("source", "input", "code", "text") if key in old), "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    kind = old["cell_type"] if old["cell_type"] in ("code", "raw") else "markdown"
    if old["cell_type"] == "heading" and isinstance(source, str):
        level = old.get("level")
        hashes = "#" * level if isinstance(level, int) and 0 < level < 7 else "#"
        source = f"{hashes} {' '.join(source.splitlines())}"
    return {"cell_type": kind, "metadata": old.get("metadata", {}), "source": source}


def _cell_for_file(cell: Cell) -> Json:
    new: Json = {
        **cell,
        "metadata": {key: one for key, one in cell["metadata"].items() if key != "trusted"},
    }
    new["source"] = cell["source"].splitlines(True)
    if "attachments" in cell:
        new["attachments"] = {name: _split(bundle) for name, bundle in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        new["outputs"] = [_output_for_file(output) for output in cell["outputs"]]
    return new


def _output_for_file(output: Output) -> Output:
    kind = output.get("output_type")
    if kind in ("execute_result", "display_data"):
        return {**output, "data": _split(output.get("data", {}))}
    if kind == "stream" and isinstance(output.get("text"), str):
        return {**output, "text": output["text"].splitlines(True)}
    return output


def _split(bundle: Json) -> Json:
    return {
        kind: value.splitlines(True)
        if isinstance(value, str)
        and (kind.startswith("text/") or kind in ("application/javascript", "image/svg+xml"))
        else value
        for kind, value in bundle.items()
    }
