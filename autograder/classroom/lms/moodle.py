"""Moodle: its download, its class lists, its grading worksheet and its zip of feedback files.

Names in the download are those of mod/assign/classes/downloader.php. The worksheet follows the rules of
Moodle's own importer (mod/assign/feedback/offline): it is of one assignment. Moodle wants the columns
Identifier ("Participant 123", its number in this assignment), Grade and "Last modified (grade)"; it skips an
empty grade, and one above the maximum. It skips a grade that was changed in Moodle after the time in the last
column, unless told otherwise on upload; "-" is the worksheet's own word for never. A column "Feedback
comments" is left out: empty cells in it would erase the comments that are there. Feedback is found by the
folder's name, Name_number_assignsubmission_file_ (mod/assign/feedback/file/importziplib.php).
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.classroom.lms import moodle_worksheet, people_matching
from autograder.classroom.lms.class_list_form import EMAIL, FIRST, LAST, ClassListForm, Distinctness
from autograder.classroom.lms.grade_sheets import Column, Grades, Sheet, points_text, remarks
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.classroom.lms.platform import Claim, DownloadClock, Enrolment, Participant, Platform
from autograder.classroom.roster.name_matching import Match
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submission_marks import Person
from autograder.rendering import untrusted_text

HEAD = ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)")
NEEDED = ("Identifier", "Grade", "Last modified (grade)")
GUESSED = (
    "Moodle's participant numbers are of one assignment each, and these are the gradebook's: compare the"
    " names on Moodle's page before you confirm."
)
_PARTICIPANT = "Participant "
# Anna Müller_4711_assignsubmission_file_/03.ipynb, or without the slash where folders are turned off.
_DOWNLOADED = re.compile(
    r"(?P<bundle>(?P<learner>[^/]+)_(?P<participant>\d+)_assignsubmission_[a-z]+)(?:_?/|_)(?P<file>.+)"
)
_FOLDER = re.compile(r"(?P<who>[^_/]+)_(?P<number>\d+)_assignsubmission_\w+?_?")
_LOGIN = ("username", "anmeldename", "nom d'utilisateur", "nombre de usuario")
_NUMBER = ("id number", "id-nummer", "numéro d'identification", "número de id")
_IDS = (*_LOGIN, *_NUMBER, *EMAIL)


class Moodle(Platform):
    """Moodle's assignment activity."""

    name = "Moodle"
    key = "moodle"
    class_lists = (
        ClassListForm(
            "Moodle grading worksheet",
            (("identifier",), ("full name",)),
            id=_IDS,
            full_name=("full name",),
            email=EMAIL,
        ),
        ClassListForm(
            "Moodle participants or grades",
            (LAST, _IDS),
            id=_IDS,
            first_name=FIRST,
            last_name=LAST,
            email=EMAIL,
            distinctness=Distinctness.OF_MANY_PROGRAMS,
        ),
    )
    download_clock = DownloadClock(
        "Its files carry the time of the download: give Moodle's grading worksheet (--worksheet FILE)"
        " for the times of handing in.",
        "perhaps late: only Moodle's worksheet knows",
    )
    has_grade_file = True
    takes_export = True
    export_is_of_a_lesson = "a grading worksheet of Moodle is of one assignment"
    takes_feedback = True
    guess_warning = f"{GUESSED} Or give Moodle's own zip: --downloaded ZIP"

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """The name, and the number of the participant."""
        found = _DOWNLOADED.fullmatch(path)
        if not found:
            return None
        return Claim((found["learner"],), found["bundle"], found["file"], participant=found["participant"])

    def participants(self, path: Path, zone: dt.tzinfo | None) -> Mapping[str, Participant]:
        """The lines of a grading worksheet."""
        return moodle_worksheet.read(path, zone)

    def owner(self, claim: Claim, enrolment: Enrolment) -> Match:
        """The learner by what the worksheet says of the number, else by the name."""
        person = enrolment.participants.get(claim.participant)
        register = enrolment.register
        if person:
            for match in (
                register.by_id(person.id_number),
                register.by_email(person.email),
                register.by_name(person.name),
            ):
                if match.learner:
                    return match
        return register.by_name(claim.learners[0])

    def advice(self, claim: Claim, enrolment: Enrolment) -> str:
        """To give the worksheet, where "Participant" stands in place of a name."""
        hides_names = len(claim.learners[0].split()) == 1
        if hides_names and claim.participant not in enrolment.participants:
            return "Names are hidden: give Moodle's grading worksheet, --worksheet FILE"
        return ""

    def grade_sheet(self, grades: Grades, theirs: Path | None, titles: Mapping[str, str]) -> Sheet:
        """The grading worksheet; of the term, a table for Moodle's import of grades.

        Args as in `Platform.grade_sheet`.
        """
        return sheet(grades, theirs)

    def submitters(self, names: Sequence[str]) -> list[PlatformPerson]:
        """The people in Moodle's zip of submissions, by the folders in it."""
        found = (_FOLDER.fullmatch(name.partition("/")[0]) for name in names)
        known = {
            one["number"]: PlatformPerson(one["number"], one["who"], own=one["who"] == _PARTICIPANT.strip())
            for one in found
            if one
        }
        return list(known.values())

    def feedback_start(self, person: Person, known: PlatformPerson | None) -> str:
        """The folder of a participant."""
        number = known.number if known else person.lms
        if not number.isdecimal():
            return ""
        return f"{untrusted_text.in_file_name(person.name)}_{number}_assignsubmission_file_/"


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
    rows = [tuple(head)]
    unknown = []
    for person in grades.people:
        row = found[person.id].row if person.id in found else {}
        number = "" if worksheet or not person.lms.isdecimal() else person.lms
        if not row and not number:
            unknown.append(person.name)
        points = grades.columns[0].points(person.id)
        if points and above(points, row.get("Maximum Grade", "")):
            said.append(f"{person.name}: {points} points are above Moodle's maximum; Moodle skips the row")
        whole = _filled_in(grades.columns[0], person, number, row)
        rows.append(tuple(whole.get(key, "") for key in head))
    for one in known:
        if one not in found.values():
            rows.append(tuple(one.row.get(key, "") for key in head))
            said.append(
                f"{one.name} (participant {one.number}) is in Moodle and not in the gradebook;"
                " the row stays as it was"
            )
    said += _without_numbers(unknown, len(grades.people), worksheet)
    return Sheet(tuple(rows), tuple(said))


def _filled_in(column: Column, person: Person, number: str, row: Mapping[str, str]) -> dict[str, str]:
    """A line of the worksheet: our own cells, those of Moodle's `row` over them, and the points."""
    ours = {
        "Identifier": f"{_PARTICIPANT}{number}" if number else "",
        "Full name": untrusted_text.cell(person.name),
        "Email address": untrusted_text.cell(person.email),
        "Maximum Grade": points_text(column.most),
        "Last modified (grade)": "-",
    }
    return {**ours, **row, "Grade": column.points(person.id) or row.get("Grade", "")}


def _without_numbers(unknown: Sequence[str], people: int, worksheet: Path | None) -> list[str]:
    """Remarks on learners whose number is not known, and on numbers of the gradebook."""
    said = []
    if unknown:
        said.append(
            f"no Moodle participant number is known of {', '.join(unknown)}; Moodle will skip them."
            + ("" if worksheet else " Give the worksheet that Moodle exports: --from FILE")
        )
    if not worksheet and len(unknown) < people:
        said.append(f"{GUESSED} Or give the worksheet that Moodle exports: --from FILE")
    return said


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


def _read(path: Path) -> tuple[tuple[str, ...], list[PlatformPerson]]:
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
        known.append(PlatformPerson(number, name, handles, own=not name and not any(handles), row=row))
    return head, known
