"""D2L Brightspace as a platform, which the program does not know: a test adds this file to a copy of it.

A download of submissions has a folder for each, `<number>-<number> - First Last - Nov 5, 2026 123 PM/`; the
time is that of handing in, without a colon. The same text may stand before the file's name in place of a
folder. Feedback goes back in the same folders. The grade file (D2L's help, "Importing grades") knows people
by OrgDefinedId, which its own exports begin with "#", has a column "<item> Points Grade" for each grade item,
and ends each line with "#" in the column End-of-Line Indicator.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from autograder.classroom.lms.class_list_form import EMAIL, FIRST, LAST, ClassListForm
from autograder.classroom.lms.grade_sheets import Grades, Sheet, remarks
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.classroom.lms.platform import Claim, Enrolment, Platform
from autograder.classroom.roster.name_matching import Match
from autograder.grading.gradebook.submission_marks import Person
from autograder.rendering import untrusted_text

_SUBMITTED = re.compile(
    r"(?P<bundle>(?P<number>\d+-\d+) - (?P<who>.+?) - "
    r"(?P<day>\w{3} \d{1,2}, \d{4}) (?P<clock>\d{3,4}) (?P<half>[AP]M))"
    r"(?:/| - )(?P<file>.+)"
)


class Brightspace(Platform):
    """Brightspace's assignments and grades."""

    name = "Brightspace"
    key = "brightspace"
    class_lists = (
        ClassListForm(
            "Brightspace grades",
            (("orgdefinedid", "username"), ("end-of-line indicator",)),
            id=("username", "orgdefinedid"),
            first_name=FIRST,
            last_name=LAST,
            email=EMAIL,
        ),
    )
    has_grade_file = True
    takes_titles = True
    takes_feedback = True
    needs_downloaded = "Brightspace takes feedback in the folders of its own zip: add --downloaded ZIP"

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """The name and the time of a folder."""
        found = _SUBMITTED.fullmatch(path)
        if not found:
            return None
        text = f"{found['day']} {found['clock'].zfill(4)} {found['half']}"
        time = dt.datetime.strptime(text, "%b %d, %Y %I%M %p")
        return Claim((found["who"],), found["bundle"], found["file"], time=time)

    def owner(self, claim: Claim, enrolment: Enrolment) -> Match:
        """The learner of that name."""
        return enrolment.register.by_name(claim.learners[0])

    def grade_sheet(self, grades: Grades, theirs: Path | None, titles: Mapping[str, str]) -> Sheet:
        """The points by OrgDefinedId."""
        items = [f"{titles.get(column.name, column.name)} Points Grade" for column in grades.columns]
        rows = [("OrgDefinedId", *map(untrusted_text.cell, items), "End-of-Line Indicator")]
        for person in grades.people:
            points = (column.points(person.id) for column in grades.columns)
            rows.append((f"#{person.id}", *points, "#"))
        return Sheet(tuple(rows), remarks(grades))

    def submitters(self, names: Sequence[str]) -> list[PlatformPerson]:
        """The people of the zip, each with the folder of the submission."""
        found = dict.fromkeys(
            (one["number"], one["who"], f"{one['bundle']}/")
            for name in names
            if (one := _SUBMITTED.match(name))
        )
        return [PlatformPerson(number, who, own=False, start=start) for number, who, start in found]

    def feedback_start(self, person: Person, known: PlatformPerson | None) -> str:
        """The folder of the submission."""
        return known.start if known else ""
