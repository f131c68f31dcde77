"""Moodle's grading worksheet, by the rules of its own importer (mod/assign/feedback/offline).

A worksheet is of one assignment. Moodle wants the columns Identifier ("Participant 123", its number in this
assignment), Grade and "Last modified (grade)"; it skips an empty grade, and one above the maximum. It skips
a grade that was changed in Moodle after the time in the last column, unless told otherwise on upload; "-"
is the worksheet's own word for never. A column "Feedback comments" is left out: empty cells in it would
erase the comments that are there.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from autograder.classroom.lms import people_matching
from autograder.classroom.lms.grade_sheets import Grades, Sheet, remarks
from autograder.classroom.lms.grade_sheets import number as exact
from autograder.classroom.lms.people_matching import Known
from autograder.core.errors import CourseError
from autograder.rendering import untrusted_text

HEAD = ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)")
NEEDED = ("Identifier", "Grade", "Last modified (grade)")
GUESSED = (
    "Moodle's participant numbers are of one assignment each, and these are the gradebook's: compare the"
    " names on Moodle's page before you confirm."
)
_PARTICIPANT = "Participant "
_FOLDER = re.compile(r"(?P<who>[^_/]+)_(?P<number>\d+)_assignsubmission_\w+?_?")


def sheet(grades: Grades, worksheet: Path | None = None) -> Sheet:
    """The rows for Moodle. `worksheet` is the one that Moodle gave: it is filled in, the rest of it stays.

    The term is not a worksheet: it has the columns that Moodle's own import of grades maps by address or ID
    number. Raises CourseError where `worksheet` is none.
    """
    if grades.term:
        return _term(grades)
    said = list(remarks(grades))
    head, known = _read(worksheet) if worksheet else (HEAD, [])
    found = people_matching.match(grades.people, known)
    column = grades.columns[0]
    rows = [tuple(head)]
    unknown = []
    for person in grades.people:
        row = found[person.id].row if person.id in found else {}
        number = "" if worksheet or not person.lms.isdecimal() else person.lms
        points = column.points(person.id)
        if not row and not number:
            unknown.append(person.name)
        if points and above(points, row.get("Maximum Grade", "")):
            said.append(f"{person.name}: {points} points are above Moodle's maximum; Moodle skips the row")
        ours = {
            "Identifier": f"{_PARTICIPANT}{number}" if number else "",
            "Full name": untrusted_text.cell(person.name),
            "Email address": untrusted_text.cell(person.email),
            "Maximum Grade": exact(column.most),
            "Last modified (grade)": "-",
        }
        whole = {**ours, **row, "Grade": points or row.get("Grade", "")}
        rows.append(tuple(whole.get(key, "") for key in head))
    for one in known:
        if one not in found.values():
            rows.append(tuple(one.row.get(key, "") for key in head))
            said.append(
                f"{one.name} (participant {one.number}) is in Moodle and not in the gradebook;"
                " the row stays as it was"
            )
    if unknown:
        said.append(
            f"no Moodle participant number is known of {', '.join(unknown)}; Moodle will skip them."
            + ("" if worksheet else " Give the worksheet that Moodle exports: --from FILE")
        )
    if not worksheet and len(unknown) < len(grades.people):
        said.append(f"{GUESSED} Or give the worksheet that Moodle exports: --from FILE")
    return Sheet(tuple(rows), tuple(said))


def above(points: str, most: str) -> bool:
    """Whether points are above the maximum in a worksheet, where it has one."""
    try:
        return float(points) > float(most.replace(",", "."))
    except ValueError:
        return False


def _term(grades: Grades) -> Sheet:
    head = ("First name", "Last name", "ID number", "Email address")
    rows = [(*head, *(untrusted_text.cell(column.name) for column in grades.columns))]
    said = list(remarks(grades))
    for person in grades.people:
        if not person.email:
            said.append(f"{person.name}: no address in the gradebook; Moodle can know them by ID number only")
        who = map(untrusted_text.cell, (person.first, person.last, person.id, person.email))
        rows.append((*who, *(column.points(person.id) for column in grades.columns)))
    return Sheet(tuple(rows), tuple(said))


def _read(path: Path) -> tuple[tuple[str, ...], list[Known]]:
    """The header and the people of a worksheet that Moodle exported."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file, strict=True) if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read: {error}") from error
    head = tuple(lines[0]) if lines else ()
    rows = [dict(zip(head, line, strict=False)) for line in lines[1:]]
    missing = [name for name in NEEDED if name not in head]
    if missing or any(len(line) != len(head) for line in lines):
        raise CourseError(
            f"{path} is no grading worksheet of Moodle (in English): {', '.join(missing) or 'ragged rows'}."
        )
    known = []
    for row in rows:
        number = row["Identifier"].removeprefix(_PARTICIPANT).strip()
        handles = (row.get("Email address", ""), row.get("ID number", ""), row.get("Username", ""))
        name = row.get("Full name", "")
        known.append(Known(number, name, handles, own=not name and not any(handles), row=row))
    return head, known


def submitted(names: list[str]) -> list[Known]:
    """The people in Moodle's zip of submissions, by the folders in it."""
    found = (_FOLDER.fullmatch(name.partition("/")[0]) for name in names)
    known = {
        one["number"]: Known(one["number"], one["who"], own=one["who"] == _PARTICIPANT.strip())
        for one in found
        if one
    }
    return list(known.values())
