"""Canvas's gradebook file, by the rules of its own importer (canvas-lms, lib/gradebook_importer.rb).

The first cells of the header say who a row is: Student, ID, SIS User ID, SIS Login ID, Section. Each cell
after them is an assignment, "Title (id)"; one without a known id becomes a new assignment. A row whose
first cell holds "Points Possible" says the most points. A student is known by ID (Canvas's own number),
else by SIS User ID, else by SIS Login ID, else by name. An empty cell changes nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.classroom.lms import people_matching
from autograder.classroom.lms.grade_sheets import Column, Grades, Sheet, number, remarks
from autograder.classroom.lms.people_matching import Known
from autograder.core.errors import CourseError
from autograder.rendering import untrusted_text

HEAD = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_TITLE = re.compile(r"(.*)\s\((\d+)\)")
_NO_ASSIGNMENT = re.compile("(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_SUBMITTED = re.compile(r"(?P<prefix>(?P<who>[^_/]+)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_)[^/]+")


def sheet(grades: Grades, titles: Mapping[str, str] | None = None, canvas: Path | None = None) -> Sheet:
    """The rows for Canvas. `titles` by assignment, as Canvas shows them; `canvas` is its own export.

    Raises CourseError where `canvas` is no such export, or a title would be read as something else.
    """
    titles = dict(titles or {})
    known: list[Known] = []
    if canvas:
        known, theirs = _read(canvas)
        for column in grades.columns:
            wanted = titles.get(column.name, column.name)
            titles[column.name] = next(
                (one for one in theirs if _bare(one) == wanted or one == wanted), wanted
            )
    found = people_matching.match(grades.people, known)
    said = list(remarks(grades))
    heads = [_title(column, titles, said) for column in grades.columns]
    rows = [
        (*HEAD, *heads),
        ("    Points Possible", "", "", "", "", *(number(one.most) for one in grades.columns)),
    ]
    nameless = []
    for person in people_matching.with_numbers(grades.people, found):
        row = found[person.id].row if person.id in found else {}
        if not person.lms.isdecimal():
            nameless.append(f"{person.name} (SIS Login ID {untrusted_text.shown(person.id)})")
        names = f"{person.last}, {person.first}".strip(", ") or person.id
        # Canvas takes a row with these words in its first cell for the most points of each assignment.
        names = untrusted_text.cell(names).replace("Points Possible", "Points possible")
        rows.append(
            (
                untrusted_text.cell(row.get("Student") or names),
                person.lms if person.lms.isdecimal() else "",
                untrusted_text.cell(row.get("SIS User ID", "")),
                untrusted_text.cell(row.get("SIS Login ID") or person.id),
                untrusted_text.cell(row.get("Section", "")),
                *(column.points(person.id) for column in grades.columns),
            )
        )
    if nameless:
        said.append(
            f"no Canvas number is known of {', '.join(nameless)}; Canvas will look for the login, then for"
            " the name. For the numbers: --from Canvas's own export"
        )
    said += [
        f"{one.name} ({one.number}) is in Canvas and not in the gradebook"
        for one in known
        if one not in found.values()
    ]
    return Sheet(tuple(rows), tuple(said))


def _title(column: Column, titles: Mapping[str, str], said: list[str]) -> str:
    title = untrusted_text.cell(titles.get(column.name, column.name))
    if _NO_ASSIGNMENT.search(title):
        raise CourseError(
            f"Canvas reads a column called {title!r} as a sum. Give it another name: --title {column.name}=…"
        )
    if not _TITLE.fullmatch(title):
        said.append(
            f"{column.name}: without the number of its assignment, Canvas makes a new one called {title!r}."
            f' To fill one that is there: --title "{column.name}=Its title (its number)", or --from'
            " Canvas's own export"
        )
    return title


def _bare(title: str) -> str:
    found = _TITLE.fullmatch(title)
    return found[1] if found else title


def _read(path: Path) -> tuple[list[Known], list[str]]:
    """The people and the assignments of a file that Canvas exported."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read: {error}") from error
    head = rows[0] if rows else []
    if not {"Student", "ID", "Section"} <= set(head):
        raise CourseError(f"{path} is no gradebook of Canvas: its first line lacks Student, ID or Section.")
    known = []
    for cells in rows[1:]:
        row = dict(zip(head, cells, strict=False))
        if row.get("ID", "").strip().isdecimal():
            handles = (row.get("SIS Login ID", ""), row.get("SIS User ID", ""))
            known.append(Known(row["ID"].strip(), row["Student"], handles, row=row))
    return known, [title for title in head[head.index("Section") + 1 :] if _TITLE.fullmatch(title)]


def submitted(names: list[str]) -> tuple[list[Known], dict[str, str]]:
    """The people in Canvas's zip of submissions, and by their number how a file must start to be theirs."""
    known: dict[str, Known] = {}
    starts: dict[str, str] = {}
    for name in names:
        if found := _SUBMITTED.fullmatch(name.rpartition("/")[2]):
            known.setdefault(found["user"], Known(found["user"], found["who"]))
            starts.setdefault(found["user"], found["prefix"])
    return list(known.values()), starts
