"""A lesson's Markdown -> its cells, each with its role and its line in the file.

jupytext does the parsing. This module adds what an author needs when something is off: the line, and an
error for what jupytext would pass over in silence.
"""

from __future__ import annotations

import codecs
import difflib
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.core.errors import LessonError, Problem
from autograder.core.lazy_imports import without_format_checks

_FENCE = re.compile(r"^(`{3,})\{code-cell\}")
_PLAIN_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(?!.*`)")
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class Role:
    """What a cell of this role may be: Markdown or code, and with which metadata keys."""

    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()


ROLES: Mapping[str, Role] = {
    "": Role(("markdown", "code")),
    "answers": Role(("code",)),
    "cards": Role(("markdown",), ("for",)),
    "exercise": Role(("markdown",), ("id", "optional", "options", "points", "tolerance", "unit")),
    "figure": Role(("code",)),
    "hint": Role(("markdown",)),
    "mistakes": Role(("code",)),
    "objectives": Role(("markdown",)),
    "proof": Role(("code",)),
    "recall": Role(("markdown",)),
    "solution": Role(("code",)),
    "terms": Role(("markdown",)),
    "tests": Role(("code",)),
    "worked": Role(("markdown",)),
}


@dataclass(frozen=True)
class Cell:
    """One cell: `line` is the 1-based line of the first line of `source` in the file."""

    path: Path
    line: int
    kind: str
    role: str
    source: str
    keys: Mapping[str, Any]

    def problem(self, problem: str, remedy: str, offset: int = 0) -> Problem:
        """A problem `offset` lines below the cell's first line."""
        return Problem(self.path, self.line + offset, problem, remedy)


def parse(text: str, path: Path) -> tuple[dict[str, Any], list[Cell]]:
    """The front matter and the cells of a lesson's Markdown. Raises LessonError with every problem found."""
    without_format_checks()
    from jupytext.myst import MystMetadataParsingError, myst_to_notebook
    from nbformat import ValidationError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = myst_to_notebook(text, add_source_map=True)
    except (MystMetadataParsingError, ValidationError) as error:
        raise LessonError(_unreadable(error, path)) from error
    lines = text.splitlines()
    front = {k: v for k, v in notebook.metadata.items() if k not in ("source_map", "jupyter")}
    cells, problems = [], []
    for raw, start in zip(notebook.cells, notebook.metadata["source_map"], strict=True):
        keys = dict(raw.metadata)
        role = keys.pop("role", "")
        line = _first_line(lines, start, raw.cell_type)
        cell = Cell(path, line, raw.cell_type, role, raw.source, keys)
        cells.append(cell)
        problems += _problems(cell, lines, start)
    if problems:
        raise LessonError(*problems)
    return front, cells


def _unreadable(error: Exception, path: Path) -> Problem:
    found = _LINE.search(str(error))
    if not str(error).startswith("Notebook metadata") and not found:
        return Problem(path, 1, "the front matter has no title that is text", "Write title: …, in quotes")
    if str(error).startswith("Notebook metadata"):
        reason = " ".join(str(error).removeprefix("Notebook metadata:").split())[:120]
        remedy = "Start the file with ---, minutes: 60, title: …, ---. Quote a title that holds a colon."
        return Problem(path, 1, f"the front matter cannot be read: {reason}", remedy)
    reason = " ".join(str(error).rsplit("could not be read:", 1)[-1].split())
    remedy = 'Write it as JSON on one line, e.g. +++ {"role": "hint"}; for code cells as :role: figure'
    line = int(found[1]) if found else 1
    return Problem(path, line, f"this cell's metadata cannot be read: {reason}", remedy)


def read_text(path: Path) -> str:
    """A lesson's text, its line ends as they are. Raises LessonError where it is not UTF-8."""
    data = path.read_bytes()
    if data.startswith(codecs.BOM_UTF8):
        raise LessonError(
            Problem(path, 1, "the file begins with a byte order mark", "Save the file as UTF-8 without BOM.")
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LessonError(Problem(path, line, "this line is not UTF-8", "Save the file as UTF-8.")) from error


def _first_line(lines: list[str], start: int, kind: str) -> int:
    at = start
    if kind == "code":
        while at < len(lines) and lines[at].startswith(":"):
            at += 1
        if at < len(lines) and not lines[at].strip():
            at += 1
    else:
        while at < len(lines) and not lines[at].strip():
            at += 1
    return at + 1


def _problems(cell: Cell, lines: list[str], start: int) -> list[Problem]:
    if not isinstance(cell.role, str) or cell.role not in ROLES:
        return [cell.problem(f"unknown role {cell.role!r}", _meant(str(cell.role), ROLES, "The roles are"))]
    role = ROLES[cell.role]
    found = []
    if cell.kind not in role.kinds:
        form = {
            "code": f"a code cell: ```{{code-cell}} ipython3, then :role: {cell.role}",
            "markdown": f'Markdown: +++ {{"role": "{cell.role}"}}',
        }[role.kinds[0]]
        found.append(cell.problem(f"the role {cell.role!r} is on a {cell.kind} cell", f"Write it as {form}"))
    for key in cell.keys:
        if key not in role.keys:
            where = f"a cell with role {cell.role!r}" if cell.role else "a cell without a role"
            allowed = ("role", *role.keys)
            found.append(
                cell.problem(f"unknown key {key!r} on {where}", _meant(key, allowed, "The keys here are"))
            )
    if cell.kind == "code" and not _closes(lines, start):
        found.append(
            cell.problem("this code cell is never closed", "Put ``` on a line of its own after the code.")
        )
    if cell.kind == "markdown":
        opened = _open_fence(cell.source)
        if opened is not None:
            return [
                *found,
                cell.problem(
                    "this fence is never closed, and what follows is part of it",
                    "Put the same signs on a line of their own after the code.",
                    opened,
                ),
            ]
        for offset, line in enumerate(cell.source.splitlines()):
            if _FENCE.match(line.lstrip(" >\t-*")):
                found.append(
                    cell.problem(
                        "this code cell is swallowed by the list or quote around it",
                        "Start the ```{code-cell} fence in column 0, with a blank line before it.",
                        offset,
                    )
                )
    return found


def _open_fence(markdown: str) -> int | None:
    """The offset of a fence of plain code that is not closed by one of at least its length."""
    fence, at = "", 0
    for offset, line in enumerate(markdown.splitlines()):
        signs = _PLAIN_FENCE.match(line)
        cell = _FENCE.match(line)
        if signs and not fence and not cell:
            fence, at = signs[1], offset
        elif fence[:1] == "`" and cell and len(cell[1]) >= len(fence):
            break  # the end of this cell would be the end of the fence
        elif fence and line.strip() and set(line.strip()) == {fence[0]} and len(line.strip()) >= len(fence):
            fence = ""
    return at if fence else None


def _closes(lines: list[str], start: int) -> bool:
    fence = _FENCE.match(lines[start - 1])
    ticks = fence[1] if fence else "```"
    for line in lines[start:]:
        if line.strip() == ticks:
            return True
        if _FENCE.match(line):
            return False
    return False


def _meant(word: str, known: Any, lead: str) -> str:
    names = [name for name in known if name]
    close = difflib.get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"{lead} {', '.join(names)}."
