"""A CSV file with a header, of whatever program, separator and encoding -> rows with their line numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import CourseError


@dataclass(frozen=True)
class Row:
    """One line of a table: where it stands, and its cells by header in lower case."""

    line: int
    cells: Mapping[str, str]

    def first(self, columns: Sequence[str]) -> str:
        """The first filled cell of these columns."""
        return next((self.cells[name] for name in columns if self.cells.get(name)), "")


def read(
    path: Path, encoding: str | None = None, unique: Collection[str] = ()
) -> tuple[list[Row], list[str]]:
    """Read the rows of a CSV file with a header.

    Args:
        path: The file; its cells are separated by comma, semicolon or tab.
        encoding: Its encoding; None where it shall be recognized.
        unique: Columns, in lower case, that may be there only once.

    Returns:
        The rows that are not empty, and notes on the encoding.

    Raises:
        CourseError: It cannot be read, has no rows, or has one of the columns `unique` twice.
    """
    text, notes = _text(path, encoding)
    # Excel separates by semicolon where the comma is in numbers, and by tab in UTF-16.
    head = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    rows: list[Row] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not header:
                header = _header(cells)
                _check_unique(path, header, unique)
            elif any(cell.strip() for cell in cells):
                rows.append(Row(line, dict(zip(header, _padded(cells, len(header)), strict=False))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CourseError(f"{path}:{line}: {error}. Save the list as CSV again.") from error
    if not rows:
        raise CourseError(f"{path}: {'lists nobody' if header else 'is empty'}.")
    return rows, notes


def _header(cells: Sequence[str]) -> list[str]:
    """The names of the columns in lower case; [] for an empty line."""
    header = [cell.strip().strip("*").replace("_", " ").casefold() for cell in cells]
    return header if any(header) else []


def _check_unique(path: Path, header: list[str], unique: Collection[str]) -> None:
    for name in header:
        if name in unique and header.count(name) > 1:
            raise CourseError(f"{path}:1: the column {name} is there twice. Take one away.")


def _padded(cells: list[str], count: int) -> list[str]:
    return [cell.strip() for cell in cells] + [""] * (count - len(cells))


def _text(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    encoding = encoding or _unicode_form(data)
    try:
        return data.decode(encoding), []
    except LookupError as error:
        raise CourseError(f"there is no encoding {encoding!r}. Try utf-8, cp1252 or latin-1.") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        if encoding != "utf-8-sig":
            raise CourseError(f"{path}:{line}: is not {encoding}. Save the list as UTF-8.") from error
        text, sample = _as_windows_1252(path, data, line)
        return text, [
            f"{path}:{line}: is not UTF-8 and was read as Windows-1252: {sample!r}."
            " If that is wrong, give --encoding."
        ]


def _unicode_form(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\0" in data[:200]:
        return "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig"


def _as_windows_1252(path: Path, data: bytes, line: int) -> tuple[str, str]:
    """The text, and the start of `line` for the instructor to look at."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CourseError(
            f"{path}:{line}: is neither UTF-8 nor Windows-1252. Save the list as UTF-8, or give --encoding."
        ) from error
    return text, text.splitlines()[line - 1][:60]
