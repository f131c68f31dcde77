"""Every style: the 81 of `strangers.json`, and those of `cells/*.txt`."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tests.support.styles import odd_class
from tests.support.styles.notebook_text import Cell, Style, parse, read

FOLDER = Path(__file__).parent
LIBRARIES = {"pandas": r"\bpd\.|pandas", "scipy": r"scipy", "sklearn": r"sklearn", "sympy": r"sympy"}
"""What some styles need that this project does not install, and the words that tell."""
# One of the five that belong together is a queue that the tests of the first two make and fill.
QUEUE = """=== queue-of-five
--- given
import math
--- answer
class Queue:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
    def __len__(self): return len(self.items)
--- test
q = Queue()
q.push(1)
assert len(q) == 1
--- answer
def double(n): return 2 * n
--- test
q.push(double(4))
assert len(q) == 2
"""


def _beside() -> dict[str, dict[str, str | bytes]]:
    """What lies beside some notebooks; their tests read it."""
    course_check = "def course_check(value):\n    assert value == 1\n"
    array = io.BytesIO()
    np.save(array, np.ones(3))
    return {
        "helper-tests": {"tests.py": course_check},
        "helper-test": {"test.py": course_check},
        "file-shipped": {"answer.npy": array.getvalue()},
    }


def strangers() -> list[Style]:
    """The styles that were found by somebody else, each a notebook, and five of them as one more."""
    rows = json.loads((FOLDER / "strangers.json").read_text(encoding="utf-8"))
    beside = _beside()
    made = []
    for name, row in rows.items():
        cells = [Cell("given", row["given"])] if row["given"] else []
        cells += [Cell("answer", row["solution"]), Cell("test", row["test"])]
        made.append(with_imports(Style(name, tuple(cells), beside.get(name, {}))))
    queue = next(parse(QUEUE))
    last = [
        Cell(kind, rows[q][key])
        for q in ("q3", "q4", "q5")
        for kind, key in (("answer", "solution"), ("test", "test"))
    ]
    return _answered([*made, replace(queue, cells=(*queue.cells, *last))])


def _answered(styles: Iterable[Style]) -> list[Style]:
    """The styles with what other students write in their answers, by the texts in `answers/`."""
    others = {style.name: [cell.instead for cell in style.cells] for style in read(FOLDER / "answers")}
    found = []
    for style in styles:
        instead = iter(others.get(style.name, ()))
        cells = tuple(
            replace(cell, instead={**cell.instead, **next(instead, {})})
            if cell.kind in ("answer", "manual")
            else cell
            for cell in style.cells
        )
        found.append(replace(style, cells=cells))
    return found


def with_imports(style: Style) -> Style:
    """The style with a first given cell that imports what nearly every course does."""
    lines = ["import math", "import numpy as np"]
    if re.search(r"\bpd\.", style.text()):
        lines.append("import pandas as pd")
    return replace(style, cells=(Cell("given", "\n".join(lines)), *style.cells))


def further() -> list[Style]:
    """The styles of ours."""
    return _answered(with_imports(style) for style in (*read(FOLDER / "cells"), odd_class.style()))


def missing(style: Style) -> list[str]:
    """The libraries that a style needs and that are not installed here."""
    return [name for name in needs(style) if find_spec(name) is None]


def needs(style: Style) -> list[str]:
    """The libraries that a style needs beyond this project's own."""
    return [name for name, words in LIBRARIES.items() if re.search(words, style.text())]


def quicker(style: Style) -> Style:
    """The style with its long sleeps made short: no mark depends on their length."""
    cells = tuple(
        replace(cell, source=re.sub(r"sleep\((\d+)\)", r"sleep(0.1 * \1)", cell.source))
        for cell in style.cells
    )
    return replace(style, cells=cells)
