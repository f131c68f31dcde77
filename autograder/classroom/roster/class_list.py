"""A class list as a CSV file, from this course or from a learning platform -> learners.

The tables name the exports that are read. Another platform's is one more line in them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.roster.roster import LONGEST, Learner, unusable
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submitted_files import shown


@dataclass(frozen=True)
class Export:
    """One program's class list: the columns by which it is known, and where it keeps what.

    Of each group in `known_by` one column is there. Of the columns of `id` the first is taken that is filled
    in every row.
    """

    name: str
    known_by: tuple[tuple[str, ...], ...]
    id: tuple[str, ...]
    full_name: tuple[str, ...] = ()
    first_name: tuple[str, ...] = ()
    last_name: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    lms_id: tuple[str, ...] = ()


FIRST = ("first name", "firstname", "given name", "vorname", "prénom", "nombre")
LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom", "nom de famille", "apellido(s)")
EMAIL = ("email address", "email", "e-mail", "e-mail-adresse", "adresse de courriel", "dirección de correo")
NUMBER = ("id number", "id-nummer", "numéro d'identification", "número de id")
LOGIN = ("username", "anmeldename", "nom d'utilisateur", "nombre de usuario")
EXPORTS = (
    # The column ID is the platform's number in Canvas's lists, and the learner's own id in all others.
    Export(
        "Canvas gradebook",
        (("student",), ("section", "sis login id", "sis user id")),
        id=("sis login id", "sis user id", "id"),
        full_name=("student",),
        lms_id=("id",),
    ),
    Export(
        "Canvas users (SIS or provisioning report)",
        (("login id",), ("sortable name", "full name", *LAST)),
        id=("login id", "user id"),
        full_name=("sortable name", "full name"),
        first_name=FIRST,
        last_name=LAST,
        email=EMAIL,
        lms_id=("canvas user id",),
    ),
    Export(
        "Moodle grading worksheet",
        (("identifier",), ("full name",)),
        id=(*LOGIN, *NUMBER, *EMAIL),
        full_name=("full name",),
        email=EMAIL,
    ),
    Export(
        "a list with the column id",
        (("id", "student id"),),
        id=("id", "student id"),
        full_name=("name", "full name"),
        first_name=FIRST,
        last_name=LAST,
        email=EMAIL,
        lms_id=("lms user id", "lms id", "lmsid"),
    ),
    Export(
        "Moodle participants or grades",
        (LAST, (*EMAIL, *LOGIN, *NUMBER)),
        id=(*LOGIN, *NUMBER, *EMAIL),
        first_name=FIRST,
        last_name=LAST,
        email=EMAIL,
    ),
)
_NOBODY = ("points possible", "student, test", "test student", "manual posting")
"""Rows of Canvas's that are no learner."""


@dataclass(frozen=True)
class ClassList:
    """What a file says: the program it comes from, the learners, and notes on how it was read."""

    source: str
    learners: tuple[Learner, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of a table: where it stands, and its cells by header in lower case."""

    line: int
    cells: Mapping[str, str]

    def first(self, columns: Sequence[str]) -> str:
        """The first filled cell of these columns."""
        return next((self.cells[name] for name in columns if self.cells.get(name)), "")


def read(path: Path, encoding: str | None = None) -> ClassList:
    """The learners of a class list. Raises CourseError with every problem and its line."""
    rows, notes = table(path, encoding)
    headers = list(rows[0].cells)
    export = next((one for one in EXPORTS if _is(one, headers)), None)
    if export is None:
        raise CourseError(
            f"{path}:1: no list of a class: the columns are {', '.join(map(shown, headers[:12]))}. Needed"
            " is a column id, or those of an export: "
            + "; ".join(f"{one.name}: {' and '.join(group[0] for group in one.known_by)}" for one in EXPORTS)
            + "."
        )
    rows = [row for row in rows if not row.first(export.full_name).casefold().startswith(_NOBODY)]
    if not rows:
        raise CourseError(f"{path}: lists nobody.")
    there = [name for name in export.id if name in headers]
    if not there:
        raise CourseError(f"{path}:1: {export.name}, but no column for an id: {', '.join(export.id)}.")
    column = next((name for name in there if all(row.cells[name] for row in rows)), there[0])
    learners = [_learner(row, export, column) for row in rows]
    problems = [f"{path}:{line}: {problem}" for line, problem in _problems(rows, learners, column)]
    if problems:
        more = f"\n… and {len(problems) - 20} more." * (len(problems) > 20)
        raise CourseError("\n".join(problems[:20]) + more + "\nNothing was imported.")
    return ClassList(export.name, tuple(learners), tuple(notes))


def _is(export: Export, headers: list[str]) -> bool:
    return all(any(name in headers for name in group) for group in export.known_by)


def table(path: Path, encoding: str | None = None) -> tuple[list[Row], list[str]]:
    """The rows of a CSV file with a header, parted by comma, semicolon or tab, and notes on the encoding.

    Raises CourseError where it cannot be read or has no rows.
    """
    text, notes = _text(path, encoding)
    # Excel parts by semicolon where the comma is in numbers, and by tab in UTF-16.
    head = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    rows: list[Row] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not header:
                header = [cell.strip().strip("*").replace("_", " ").casefold() for cell in cells]
                if any(header):
                    _distinct(path, header)
                else:
                    header = []
            elif any(cell.strip() for cell in cells):
                rows.append(Row(line, dict(zip(header, _padded(cells, len(header)), strict=False))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise CourseError(f"{path}:{line}: {error}. Save the list as CSV again.") from error
    if not rows:
        raise CourseError(f"{path}: {'lists nobody' if header else 'is empty'}.")
    return rows, notes


def _distinct(path: Path, header: list[str]) -> None:
    for name in header:
        if name and header.count(name) > 1 and any(name in (*one.id, *one.full_name) for one in EXPORTS):
            raise CourseError(f"{path}:1: the column {name} is there twice. Take one away.")


def _padded(cells: list[str], count: int) -> list[str]:
    return [cell.strip() for cell in cells] + [""] * (count - len(cells))


def _text(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from error
    if encoding is None:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            encoding = "utf-16"
        elif b"\0" in data[:200]:
            encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        else:
            encoding = "utf-8-sig"
    try:
        return data.decode(encoding), []
    except LookupError as error:
        raise CourseError(f"there is no encoding {encoding!r}. Try utf-8, cp1252 or latin-1.") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        if encoding != "utf-8-sig":
            raise CourseError(f"{path}:{line}: is not {encoding}. Save the list as UTF-8.") from error
        text, sample = _guessed(path, data, line)
        return text, [
            f"{path}:{line}: is not UTF-8 and was read as Windows-1252: {sample!r}."
            " If that is wrong, give --encoding."
        ]


def _guessed(path: Path, data: bytes, line: int) -> tuple[str, str]:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CourseError(
            f"{path}:{line}: is neither UTF-8 nor Windows-1252. Save the list as UTF-8, or give --encoding."
        ) from error
    return text, text.splitlines()[line - 1][:60]


def _learner(row: Row, export: Export, column: str) -> Learner:
    first, last = row.first(export.first_name), row.first(export.last_name)
    if not first and not last:
        first, last = _split(row.first(export.full_name))
    return Learner(row.cells[column], first, last, row.first(export.email), row.first(export.lms_id))


def _split(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first.strip(), last


def _problems(rows: list[Row], learners: list[Learner], column: str) -> Iterator[tuple[int, str]]:
    seen: dict[tuple[str, str], int] = {}
    for row, one in zip(rows, learners, strict=True):
        if problem := unusable(one.id):
            yield row.line, f"the id {one.id!r} (column {column}) {problem}"
        for what, value in (
            ("first name", one.first_name),
            ("last name", one.last_name),
            ("email", one.email),
        ):
            if len(value) > LONGEST:
                yield row.line, f"the {what} is longer than {LONGEST} characters"
        # Folders, addresses: case does not tell two people apart.
        for what, value in (("id", one.id), ("email address", one.email), ("platform's number", one.lms_id)):
            key = (what, value.casefold())
            if value and key in seen:
                yield row.line, f"the {what} {value!r} stands in line {seen[key]} already"
            seen.setdefault(key, row.line)
