"""The table of stock nbgrader's marks, which the quick test compares with; the slow test proves it fresh.

    python -m tests.support.styles.stock_table [NAME ...]

grades the named styles (without names: all) with stock nbgrader, two at once, and writes what it gave. Styles
whose libraries are not installed keep their rows.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.styles import corpus, course, grading
from tests.support.styles.notebook_text import Style

TABLE = corpus.FOLDER / "stock_marks.json"


def read(path: Path = TABLE) -> grading.Marks:
    """The table, by style, student and grade id."""
    found: grading.Marks = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def measured(styles: Sequence[Style]) -> Iterator[grading.Marks]:
    """What stock nbgrader gives here and now, some styles at a time."""
    with tempfile.TemporaryDirectory() as aside:
        root = Path(aside, "course")
        yield from grading.stock(root, course.write(root, styles))


def write(marks: Mapping[str, object], path: Path = TABLE) -> None:
    """Write the table, a line a style."""
    path.write_text("".join(_lines(marks)), encoding="utf-8")


def _lines(marks: Mapping[str, object]) -> Iterator[str]:
    yield "{\n"
    names = sorted(marks)
    for name in names:
        yield f"{json.dumps(name)}: {json.dumps(marks[name])}{',' if name != names[-1] else ''}\n"
    yield "}\n"


def main(names: Sequence[str]) -> None:
    """Grade and write."""
    styles = [corpus.quicker(style) for style in (*corpus.strangers(), *corpus.further())]
    here = [style for style in styles if not corpus.missing(style) and (not names or style.name in names)]
    for marks in measured(here):
        write({**read(), **marks})  # at once: it takes many minutes


if __name__ == "__main__":
    main(sys.argv[1:])
