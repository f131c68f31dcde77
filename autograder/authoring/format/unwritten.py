"""Finds what the canonical form of a lesson would lose; `format` refuses such a file and erases nothing."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from autograder.authoring.roles.cell import Cell
from autograder.core.errors import LessonError, Problem

KEPT = ("minutes", "title")
JUPYTERS = ("jupyter", "jupytext", "kernelspec", "language_info")
"""Front matter that Jupyter writes by itself: no author's words, and taken out."""

_METADATA = re.compile(r"^\+\+\+\s+(\{.*\})\s*$")
_OPTION = re.compile(r"^:[\w.-]+:(\s.*)$")
_FENCE = re.compile(r"^`{3,}\{code-cell\}")

Read = tuple[Mapping[str, object], list[Cell]]


def refuse(text: str, path: Path, front: Mapping[str, object]) -> None:
    """Refuse a lesson with parts that the canonical form would lose.

    Args:
        text: The lesson as it is.
        path: Its file.
        front: Its front matter.

    Raises:
        LessonError: There are comments, repeated keys, or unknown keys of the front matter.
    """
    problems = [
        Problem(path, 1, f"unknown front matter {key!r}, which would be lost", _remedy(key))
        for key in front
        if key not in (*KEPT, *JUPYTERS)
    ]
    lines = text.splitlines()
    for first, part in _yaml_parts(lines):
        for line in _comments(part):
            words = "a comment here would be lost"
            remedy = "Move it into the text, or take it out."
            problems.append(Problem(path, first + line, words, remedy))
        for line, key in _doubles(part):
            problems.append(Problem(path, first + line, f"{key!r} stands here twice", "Take one away."))
    for number, text_line in enumerate(lines, 1):
        found = _METADATA.match(text_line)
        for key in _doubles_in_json(found[1]) if found else ():
            problems.append(Problem(path, number, f"{key!r} stands here twice", "Take one away."))
    if problems:
        raise LessonError(*problems)


def compare(before: Read, after: Read, path: Path) -> None:
    """Refuse a canonical form that reads otherwise than the lesson.

    Args:
        before: Front matter and cells of the lesson as it is.
        after: Those of its canonical form.
        path: Its file.

    Raises:
        LessonError: Something of the lesson was lost or changed, a fault of this package.
    """
    old, new = _own(before[0]), _own(after[0])
    remedy = "Nothing was changed. This is a fault of autograder, please report it."
    for key in old:
        if key not in new or new[key] != old[key]:
            raise LessonError(Problem(path, 1, f"the front matter's {key!r} would be lost", remedy))
    was, becomes = _filled(before[1]), _filled(after[1])
    for index, cell in enumerate(was):
        if index >= len(becomes) or _content(becomes[index]) != _content(cell):
            raise LessonError(cell.problem("this cell would be lost or changed", remedy))


def _own(front: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in front.items() if key not in JUPYTERS}


def _remedy(key: str) -> str:
    return f"The keys are minutes and title. Take {key!r} out, or write it into the text."


def _filled(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.source.strip() or cell.role or cell.keys]


def _content(cell: Cell) -> tuple[str, str, str, Mapping[str, object]]:
    """What must stay of a cell; the blank lines around it may go, and blanks at its end."""
    return cell.kind, cell.role, cell.source.replace("\r\n", "\n").rstrip().strip("\n"), dict(cell.keys)


def _yaml_parts(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(line, text) of the front matter and of every code cell's options, which are YAML."""
    if lines and lines[0].rstrip() == "---":
        yield 2, _until_dashes(lines, 1)
    for number, line in enumerate(lines):
        if not _FENCE.match(line) or number + 1 >= len(lines):
            continue
        if lines[number + 1].rstrip() == "---":
            yield number + 3, _until_dashes(lines, number + 2)
            continue
        for offset, option in enumerate(lines[number + 1 :], number + 2):
            found = _OPTION.match(option)
            if not found:
                break
            yield offset, found[1]


def _until_dashes(lines: list[str], start: int) -> str:
    end = next((n for n in range(start, len(lines)) if lines[n].rstrip() in ("---", "...")), start)
    return "\n".join(lines[start:end])


def _comments(text: str) -> list[int]:
    """The 0-based lines of YAML that hold a comment: a # where no token is."""
    found, at = [], 0
    try:
        for token in yaml.scan(text):
            if "#" in text[at : token.start_mark.index]:
                gap = text.index("#", at)
                found.append(text.count("\n", 0, gap))
            at = max(at, token.end_mark.index)
    except yaml.YAMLError:
        return []  # told, with its line, by whoever reads the lesson
    return found


def _doubles(text: str) -> list[tuple[int, str]]:
    """(0-based line, key) of each key of a YAML mapping that stands there again."""
    try:
        node = yaml.compose(text)
    except yaml.YAMLError:
        return []
    seen: set[str] = set()
    found = []
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in seen:
            found.append((key.start_mark.line, str(key.value)))
        seen.add(key.value)
    return found


def _doubles_in_json(text: str) -> list[str]:
    doubles: list[str] = []

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        doubles.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    with contextlib.suppress(ValueError):  # told, with its line, by whoever reads the lesson
        json.loads(text, object_pairs_hook=noted)
    return doubles
