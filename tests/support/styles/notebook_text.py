"""Notebooks of an nbgrader course as a text file: many in one file, each a heading and its cells.

    === a heading, the notebook's name
    --- given
    base = 2
    --- answer
    double = 2 * base
    --- wrong
    double = 5
    --- test 2
    assert double == 4

A cell is `given`, `answer`, `test` (and its points), `manual` (an answer that a person marks) or `text`.
Below an `answer`, `other`, `odd`, `wrong` and `attack` are what other students write there. `file NAME` lies
beside it. Of the attacker alone are `own` cells, `attack-file NAME` and `first`: grade ids of cells that the
attacker puts first. `test 2 may 1`: the attack may earn 1 of 2 points, by an honest reading of the work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

STUDENTS = ("right", "blank", "other", "odd", "wrong", "attack")
"""The solution; the untouched release; another right answer; an odd one; a wrong one; a dishonest one."""
KINDS = ("given", "answer", "test", "manual", "text", "own")
MARKED = re.compile(r"### BEGIN SOLUTION\n(.*?\n)### END SOLUTION", re.S)
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


@dataclass(frozen=True)
class Cell:
    """One cell. `instead` is what other students write in an answer, by student.

    `may` is what an attack may earn.
    """

    kind: str
    source: str
    points: float = 1.0
    may: float = 0.0
    instead: dict[str, str] = field(default_factory=dict)

    def of(self, student: str) -> str:
        """The source that this student hands in: one who is not in `STUDENTS` is wrong but for their own."""
        if self.kind not in ("answer", "manual"):
            return self.source
        if student == "blank":
            return MARKED.sub(STUB, self.teachers())
        if student not in STUDENTS:
            student = student if student in self.instead else "wrong"
        return self.instead.get(student, MARKED.sub(r"\1", self.teachers()).rstrip("\n"))

    def teachers(self) -> str:
        """The source in the teacher's notebook, with nbgrader's marks around the solution."""
        if self.kind not in ("answer", "manual") or MARKED.search(self.source):
            return self.source
        return f"### BEGIN SOLUTION\n{self.source}\n### END SOLUTION"


@dataclass(frozen=True)
class Style:
    """One notebook: its cells from top to bottom, and the files beside it, by name."""

    name: str
    cells: tuple[Cell, ...]
    files: dict[str, str | bytes] = field(default_factory=dict)
    attack_files: dict[str, str | bytes] = field(default_factory=dict)
    first: tuple[str, ...] = ()

    @property
    def students(self) -> tuple[str, ...]:
        """Everybody who hands in something of their own."""
        instead = {student for cell in self.cells for student in cell.instead}
        if self.attack_files or self.first or any(cell.kind == "own" for cell in self.cells):
            instead.add("attack")
        known = tuple(one for one in STUDENTS if one in ("right", "blank") or one in instead)
        return (*known, *sorted(instead - set(STUDENTS)))

    def text(self) -> str:
        """All sources, to look for words in."""
        return "\n".join(source for cell in self.cells for source in (cell.source, *cell.instead.values()))


def parse(text: str) -> Iterator[Style]:
    """The notebooks of a text. Raises ValueError for a cell of an unknown kind."""
    for block in re.split(r"^=== ", text, flags=re.M)[1:]:
        name, _, body = block.partition("\n")
        yield _style(name.strip(), re.split(r"^--- ", body, flags=re.M)[1:])


def _style(name: str, parts: list[str]) -> Style:
    cells: list[Cell] = []
    files: dict[str, dict[str, str | bytes]] = {"file": {}, "attack-file": {}}
    first: tuple[str, ...] = ()
    for part in parts:
        head, _, source = part.partition("\n")
        kind, _, rest = head.strip().partition(" ")
        source = source.rstrip("\n")
        if kind in files:
            files[kind][rest] = source + "\n"
        elif kind == "first":
            first = tuple(source.split())
        elif kind in STUDENTS:
            cells[-1].instead[kind] = source
        elif kind in KINDS:
            points, _, may = rest.partition("may")
            cells.append(Cell(kind, source, float(points or 1), float(may or 0)))
        else:
            raise ValueError(f"{name}: a cell of the unknown kind {kind!r}; known: {KINDS}")
    return Style(name, tuple(cells), files["file"], files["attack-file"], first)


def read(folder: Path) -> list[Style]:
    """The notebooks of every text file in a folder."""
    return [
        style for path in sorted(folder.glob("*.txt")) for style in parse(path.read_text(encoding="utf-8"))
    ]
