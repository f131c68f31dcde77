"""Canvas: its download, its class lists, its gradebook file and its zip of feedback files.

Names in the download are those of lib/content_zipper.rb.

The gradebook file follows the rules of Canvas's own importer (lib/gradebook_importer.rb). The first cells of
the header say who a row is: Student, ID, SIS User ID, SIS Login ID, Section. Each cell after them is an
assignment, "Title (id)"; one without a known id becomes a new assignment. A row whose first cell holds
"Points Possible" says the most points. A student is known by ID (Canvas's own number), else by SIS User ID,
else by SIS Login ID, else by name. An empty cell changes nothing.

Canvas takes back the files of the zip that it gave, under their names up to the file's number: it puts them
beside that submitted file, by the number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.classroom.lms import people_matching
from autograder.classroom.lms.class_list_form import EMAIL, FIRST, LAST, ClassListForm
from autograder.classroom.lms.grade_sheets import Column, Grades, Sheet, points_text, remarks
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.classroom.lms.platform import Claim, DownloadClock, Enrolment, Platform
from autograder.classroom.roster.name_matching import Match
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submission_marks import Person
from autograder.rendering import untrusted_text

HEAD = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_TITLE = re.compile(r"(.*)\s\((\d+)\)")
_NO_ASSIGNMENT = re.compile("(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
# anon_x7Yz_90210_03.ipynb
_ANONYMOUS = re.compile(
    r"(?P<bundle>(?:(?P<late>LATE)_)?(?P<nobody>anon)_(?!\d+_)[^/_]+)_(?:\d+_)?(?P<file>[^/]+)"
)
# mülleranna_LATE_1042_90210_03-2.ipynb; a text typed in the browser has no number of a file.
_DOWNLOADED = re.compile(
    r"(?P<bundle>(?P<learner>[^/]+?)_(?:(?P<late>LATE)_)?(?P<lms_id>\d+))_(?:(?P<attempt>\d+)_)?"
    r"(?P<file>(?<=\d_)[^/]+|(?:text|link)\.html)"
)
_SUBMITTED = re.compile(r"(?P<prefix>(?P<who>[^_/]+)_(?:LATE_)?(?P<user>\d+)_(?P<file>\d+)_)[^/]+")
_NOBODY = ("points possible", "student, test", "test student", "manual posting")


class Canvas(Platform):
    """Canvas's assignments and gradebook."""

    name = "Canvas"
    key = "canvas"
    class_lists = (
        # The column ID is the platform's number in Canvas's lists, and the learner's own id in all others.
        ClassListForm(
            "Canvas gradebook",
            (("student",), ("section", "sis login id", "sis user id")),
            id=("sis login id", "sis user id", "id"),
            full_name=("student",),
            lms_id=("id",),
            nobody=_NOBODY,
        ),
        ClassListForm(
            "Canvas users (SIS or provisioning report)",
            (("login id",), ("sortable name", "full name", *LAST)),
            id=("login id", "user id"),
            full_name=("sortable name", "full name"),
            first_name=FIRST,
            last_name=LAST,
            email=EMAIL,
            lms_id=("canvas user id",),
            nobody=_NOBODY,
        ),
    )
    smallest_share = 0.5  # names that people give to files may look like Canvas's
    download_clock = DownloadClock(
        "Its files carry the time of the download; only Canvas's own mark says who is late."
    )
    has_grade_file = True
    takes_titles = True
    takes_export = True
    takes_feedback = True
    needs_downloaded = (
        "Canvas takes back only files of the zip that it gave: add --downloaded submissions.zip"
    )

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """The name, Canvas's number, its mark of lateness, and the number of the file, which grows."""
        if found := _ANONYMOUS.fullmatch(path):
            hidden = "the platform hid the names: turn anonymous grading off and download again"
            return Claim((), found["bundle"], found["file"], late=bool(found["late"]), nobody=hidden)
        if found := _DOWNLOADED.fullmatch(path):
            return Claim(
                (found["learner"],),
                found["bundle"],
                found["file"],
                lms_id=found["lms_id"],
                attempt=int(found["attempt"] or 0),
                late=bool(found["late"]),
            )
        return None

    def owner(self, claim: Claim, enrolment: Enrolment) -> Match:
        """The learner by Canvas's number, else by the name."""
        match = enrolment.register.by_lms_id(claim.lms_id)
        return match if match.learner else enrolment.register.by_name(claim.learners[0])

    def grade_sheet(self, grades: Grades, theirs: Path | None, titles: Mapping[str, str]) -> Sheet:
        """The gradebook file. Args as in `Platform.grade_sheet`."""
        return sheet(grades, titles, theirs)

    def submitters(self, names: Sequence[str]) -> list[PlatformPerson]:
        """The people in Canvas's zip of submissions, each with the start of the name of their first file."""
        known: dict[str, PlatformPerson] = {}
        for name in names:
            if found := _SUBMITTED.fullmatch(name.rpartition("/")[2]):
                known.setdefault(
                    found["user"], PlatformPerson(found["user"], found["who"], start=found["prefix"])
                )
        return list(known.values())

    def feedback_start(self, person: Person, known: PlatformPerson | None) -> str:
        """The name of the file that was handed in, up to its number."""
        return known.start if known else ""


def sheet(grades: Grades, titles: Mapping[str, str] | None = None, canvas: Path | None = None) -> Sheet:
    """Make the rows for Canvas.

    Args:
        grades: The points, of one lesson or of the term.
        titles: What Canvas calls an assignment, by the lesson's name.
        canvas: Canvas's own export of its gradebook, whose numbers and titles are taken.

    Returns:
        The rows, and a remark for each thing that Canvas will not take.

    Raises:
        CourseError: `canvas` is no such export, or a title would be read as a sum.
    """
    known, theirs = _read(canvas) if canvas else ([], [])
    named = _with_numbers(grades, titles or {}, theirs)
    found = people_matching.match(grades.people, known)
    said = list(remarks(grades))
    heads = [_title(column, named, said) for column in grades.columns]
    rows = [
        (*HEAD, *heads),
        ("    Points Possible", "", "", "", "", *(points_text(one.most) for one in grades.columns)),
    ]
    people = people_matching.with_numbers(grades.people, found)
    for person in people:
        row = found[person.id].row if person.id in found else {}
        rows.append((*_who(person, row), *(column.points(person.id) for column in grades.columns)))
    said += _unknown(people)
    said += [
        f"{one.name} ({one.number}) is in Canvas and not in the gradebook"
        for one in known
        if one not in found.values()
    ]
    return Sheet(tuple(rows), tuple(said))


def _with_numbers(grades: Grades, titles: Mapping[str, str], theirs: Sequence[str]) -> dict[str, str]:
    """Titles by lesson, with the number of the assignment where `theirs`, Canvas's titles, has it."""
    named = dict(titles)
    for column in grades.columns if theirs else ():
        wanted = named.get(column.name, column.name)
        named[column.name] = next((one for one in theirs if wanted in (_bare(one), one)), wanted)
    return named


def _who(person: Person, row: Mapping[str, str]) -> tuple[str, ...]:
    """The cells that say who a row is; those of Canvas's own `row` are kept."""
    names = f"{person.last}, {person.first}".strip(", ") or person.id
    # Canvas takes a row with these words in its first cell for the most points of each assignment.
    names = untrusted_text.cell(names).replace("Points Possible", "Points possible")
    return (
        untrusted_text.cell(row.get("Student") or names),
        person.lms if person.lms.isdecimal() else "",
        untrusted_text.cell(row.get("SIS User ID", "")),
        untrusted_text.cell(row.get("SIS Login ID") or person.id),
        untrusted_text.cell(row.get("Section", "")),
    )


def _unknown(people: Sequence[Person]) -> Iterator[str]:
    """A remark on those whose number Canvas will not find in the file."""
    nameless = [
        f"{person.name} (SIS Login ID {untrusted_text.shown(person.id)})"
        for person in people
        if not person.lms.isdecimal()
    ]
    if nameless:
        yield (
            f"no Canvas number is known of {', '.join(nameless)}; Canvas will look for the login, then for"
            " the name. For the numbers: --from Canvas's own export"
        )


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


def _read(path: Path) -> tuple[list[PlatformPerson], list[str]]:
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
            known.append(PlatformPerson(row["ID"].strip(), row["Student"], handles, row=row))
    return known, [title for title in head[head.index("Section") + 1 :] if _TITLE.fullmatch(title)]
