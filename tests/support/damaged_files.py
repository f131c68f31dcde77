"""What happens to the file of a notebook. Each takes the cells and gives bytes, and the cells still whole."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable
from typing import Any

from tests.support.damaged_cells import ODD, Cells, Random

# What was done to the file. Each takes the cells and gives the bytes and the cells that are still whole in
# them; None instead of the cells: nobody can say.

Damaged = tuple[bytes, Cells | None]


def whole(cells: Any, **other: Any) -> bytes:
    """The file as Jupyter writes it."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({**content, **other}, indent=1).encode()


def spans(cells: Cells) -> tuple[str, list[tuple[int, int]]]:
    """The text of the file and where in it each cell begins and ends."""
    text, found = '{"cells": [', []
    for index, cell in enumerate(cells):
        text += ",\n " if index else "\n "
        start = len(text)
        text += json.dumps(cell)
        found.append((start, len(text)))
    return text + '\n], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n', found


def as_it_is(cells: Cells, rng: Random) -> Damaged:
    return whole(cells), cells


def cut(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    return text[:at].encode(), [cell for cell, (_, end) in zip(cells, ends, strict=True) if end <= at]


def lose_start(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    return text[at:].encode(), [cell for cell, (start, _) in zip(cells, ends, strict=True) if start >= at]


def lose_middle(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    end = min(len(text), at + rng.choice([1, 30, 1000]))
    kept = [cell for cell, span in zip(cells, ends, strict=True) if span[1] <= at or span[0] >= end]
    return (text[:at] + text[end:]).encode(), kept


def insert(cells: Cells, rng: Random) -> Damaged:
    text, ends = spans(cells)
    at = rng.randint(0, len(text))
    odd = rng.choice(["\0", '"', "}", "]", "{", ",", "\\", "<<<<<<< HEAD\n", "\0" * 1000, "\x1a", "[" * 2000])
    kept = [cell for cell, (start, end) in zip(cells, ends, strict=True) if end <= at or start >= at]
    return (text[:at] + odd + text[at:]).encode(), kept


def trailing(cells: Cells, rng: Random) -> Damaged:
    return whole(cells) + rng.choice([b"}", b"\0" * 4096, b"\n<html>", b'{"cells": []}', b"\xff\xfe"]), cells


def leading(cells: Cells, rng: Random) -> Damaged:
    return rng.choice([b"\xef\xbb\xbf", b"\n\n", b"garbage ", b"<pre>", b"\xef\xbb\xbf" * 2]) + whole(
        cells
    ), cells


def utf16(cells: Cells, rng: Random) -> Damaged:
    text = whole(cells).decode()
    return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be"])), cells


def latin1(cells: Cells, rng: Random) -> Damaged:
    text = json.dumps(json.loads(whole([*cells, {**ACCENTED}])), ensure_ascii=False)
    return text.encode("latin-1", "replace"), None if re.search(r"[^\x00-\xff]", text) else cells


ACCENTED = {"cell_type": "markdown", "metadata": {}, "source": "Größe é", "id": "accented"}


def windows(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b"\n", b"\r\n"), cells


def nulls_between(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b"\n", b"\n\0", rng.choice([1, 100000])), cells


def other_format(cells: Cells, rng: Random) -> Damaged:
    version = rng.choice([(4, 0), (4, 4), (4, 9), (4, "5"), (5, 0), (99, 0), (None, None), ("4", 5), (4, -1)])
    return whole(cells, nbformat=version[0], nbformat_minor=version[1]), cells


def format_three(cells: Cells, rng: Random) -> Damaged:
    """The same cells as IPython 2 stored them: code is "input"."""
    old = []
    for cell in copy.deepcopy(cells):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            cell["input"] = cell.pop("source", "")
            cell.update(language="python", collapsed=False, prompt_number=None)
        old.append(cell)
    sheets = {"worksheets": [{"cells": old, "metadata": {}}], "metadata": {"name": ""}, "nbformat_minor": 0}
    return json.dumps({**sheets, "nbformat": rng.choice([3, 3, 3, 2])}).encode(), cells


def claims_three(cells: Cells, rng: Random) -> Damaged:
    return whole(cells, nbformat=rng.choice([1, 2, 3])), None


def odd_frame(cells: Cells, rng: Random) -> Damaged:
    name = rng.choice(["metadata", "nbformat", "nbformat_minor", "unknown"])
    return whole(cells, **{name: rng.choice(ODD)}), None if name == "nbformat" else cells


def cells_only(cells: Cells, rng: Random) -> Damaged:
    return json.dumps(cells).encode(), cells


def odd_cells(cells: Cells, rng: Random) -> Damaged:
    named = {str(index): cell for index, cell in enumerate(cells)}
    return whole(rng.choice([*ODD, named, [cells]])), None


def empty(cells: Cells, rng: Random) -> Damaged:
    return rng.choice([b"", b" \n", b"\0" * 100, b"null", b"{}", b"[]", b"3", b'"x"', b"\xef\xbb\xbf"]), None


def no_notebook(cells: Cells, rng: Random) -> Damaged:
    return rng.choice(
        [
            b"PK\x03\x04" + bytes(range(256)) * 20,
            b"%PDF-1.7\n" + bytes(range(255, -1, -1)) * 20,
            b"<!DOCTYPE html><html><body>Sign in</body></html>",
            b"x = 2\nprint(x)\n",
            b"[" * 200_000,
            b'{"a":' * 200_000,
            b'{"cells": [' + b"[" * 5000 + b"]" * 5000 + b"]}",
            b'"' * 100_000,
            b'{"cell_type": ' * 20_000,
            bytes(random.Random(rng.random()).randbytes(20_000)),
        ]
    ), None


def repeated_keys(cells: Cells, rng: Random) -> Damaged:
    return whole(cells).replace(b'"cell_type"', b'"cell_type": "raw", "cell_type"'), cells


def twice(cells: Cells, rng: Random) -> Damaged:
    return whole(cells) + whole(cells), cells


FILE_MUTATIONS: dict[str, Callable[[Cells, Random], Damaged]] = {
    one.__name__: one
    for one in (
        *(as_it_is, cut, lose_start, lose_middle, insert, trailing, leading, utf16, latin1, windows),
        *(nulls_between, other_format, format_three, claims_three, odd_frame, cells_only, odd_cells, empty),
        *(no_notebook, repeated_keys, twice),
    )
}
