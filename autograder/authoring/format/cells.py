"""A lesson's Markdown -> its cells, each with its role and its line in the file.

jupytext does the parsing. This module adds what an author needs when something is off: the line, and an
error for what jupytext would pass over in silence.
"""

from __future__ import annotations

import codecs
import difflib
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import ROLES
from autograder.core.errors import LessonError, Problem
from autograder.core.lazy_imports import without_format_checks

_FENCE = re.compile(r"^(`{3,})\{code-cell\}")
_PLAIN_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(?!.*`)")
_LINE = re.compile(r"at line (\d+)")


def parse(text: str, path: Path) -> tuple[dict[str, object], list[Cell]]:
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
        problems += _problems(_Raw(cell, lines, start))
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


@dataclass(frozen=True)
class _Raw:
    """A cell with the lines of its file, and the number of the line after the one that opens it."""

    cell: Cell
    lines: list[str]
    start: int


def _problems(raw: _Raw) -> list[Problem]:
    cell = raw.cell
    if not isinstance(cell.role, str) or cell.role not in ROLES:
        return [
            cell.problem(
                f"unknown role {cell.role!r}", _meant(str(cell.role), sorted(ROLES), "The roles are")
            )
        ]
    return [problem for rule in _RULES for problem in rule(raw)]


def _kind(raw: _Raw) -> Iterator[Problem]:
    cell, role = raw.cell, ROLES[raw.cell.role]
    if cell.kind not in role.kinds:
        form = {
            "code": f"a code cell: ```{{code-cell}} ipython3, then :role: {cell.role}",
            "markdown": f'Markdown: +++ {{"role": "{cell.role}"}}',
        }[role.kinds[0]]
        yield cell.problem(f"the role {cell.role!r} is on a {cell.kind} cell", f"Write it as {form}")


def _keys(raw: _Raw) -> Iterator[Problem]:
    cell, role = raw.cell, ROLES[raw.cell.role]
    for key in cell.keys:
        if key not in role.keys:
            where = f"a cell with role {cell.role!r}" if cell.role else "a cell without a role"
            remedy = _meant(key, ("role", *role.keys), "The keys here are")
            yield cell.problem(f"unknown key {key!r} on {where}", remedy)


def _closed_code(raw: _Raw) -> Iterator[Problem]:
    if raw.cell.kind == "code" and not _closes(raw.lines, raw.start):
        yield raw.cell.problem(
            "this code cell is never closed", "Put ``` on a line of its own after the code."
        )


def _closed_text(raw: _Raw) -> Iterator[Problem]:
    """A fence of plain code that is never closed, or, where all are, a code cell inside a list or quote."""
    cell = raw.cell
    if cell.kind != "markdown":
        return
    opened = _open_fence(cell.source)
    if opened is not None:
        yield cell.problem(
            "this fence is never closed, and what follows is part of it",
            "Put the same signs on a line of their own after the code.",
            opened,
        )
        return
    for offset, line in enumerate(cell.source.splitlines()):
        if _FENCE.match(line.lstrip(" >\t-*")):
            yield cell.problem(
                "this code cell is swallowed by the list or quote around it",
                "Start the ```{code-cell} fence in column 0, with a blank line before it.",
                offset,
            )


_RULES: tuple[Callable[[_Raw], Iterable[Problem]], ...] = (_kind, _keys, _closed_code, _closed_text)


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


def _meant(word: str, known: Iterable[str], lead: str) -> str:
    names = [name for name in known if name]
    close = difflib.get_close_matches(word, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"{lead} {', '.join(names)}."
