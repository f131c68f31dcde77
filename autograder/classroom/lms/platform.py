"""The interface of a learning platform: the forms of its files, and how each file finds its learner.

A platform is one class in a file of its own and one row in `registry.PLATFORMS`. All but its name has a
default: what a platform does not have, its class does not mention.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.classroom.lms.class_list_form import ClassListForm
from autograder.classroom.lms.grade_sheets import Grades, Sheet
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.classroom.roster.name_matching import Match, Register
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submission_marks import Person


@dataclass(frozen=True)
class Claim:
    """What a path in a download says of its file.

    Attributes:
        learners: The words that may name its learner, the likeliest first.
        bundle: What files that were handed in together share.
        file: The file's path within the bundle.
        lms_id: The platform's number of the learner, the same in all its files.
        participant: The platform's number of the learner in this assignment only.
        lesson: The lesson's name, where the path holds it.
        attempt: Grows with each upload, where the platform counts them.
        late: The platform's own mark; None where it does not say.
        time: When it was handed in, by the platform's clock, without a zone; None where it does not say.
        nobody: Why no learner can be known from such a path; '' where one can.
    """

    learners: tuple[str, ...]
    bundle: str
    file: str
    lms_id: str = ""
    participant: str = ""
    lesson: str = ""
    attempt: int = 0
    late: bool | None = None
    time: dt.datetime | None = None
    nobody: str = ""


@dataclass(frozen=True)
class Participant:
    """A line of a platform's list of one assignment. `time` is UTC without a zone; None: nothing handed in.

    `late` is what the platform says; the name, the number and the address are '' where they are hidden.
    """

    name: str
    id_number: str
    email: str
    time: dt.datetime | None
    late: bool


@dataclass(frozen=True)
class Enrolment:
    """Whom a file can belong to: the roster, and the platform's list of the assignment by its own number.

    `lessons` are names of lessons, whose words are no part of a learner's name.
    """

    register: Register
    participants: Mapping[str, Participant]
    lessons: tuple[str, ...]


@dataclass(frozen=True)
class DownloadClock:
    """What to tell an instructor where the files of a download carry the time of the download.

    `advice` stands once below the table; `perhaps_late` at a submission whose file is of after the due date.
    """

    advice: str
    perhaps_late: str = "perhaps late: the time of handing in is not known"


class Platform(Protocol):
    """A learning platform, or another way in which submissions come and points go.

    Attributes:
        name: What people call it, "Moodle".
        key: What they type after --format and --zip, "moodle"; '' where it has neither.
        class_lists: The forms of its class lists.
        takes_any_file: Whether every path is one of its; it is asked after all others.
        smallest_share: The share of a download's files, from 0 to 1, that must be its own for the download to
            be its own; one file is always needed.
        download_clock: Words for the instructor where its files carry the time of the download; else None.
        writes_timestamps: Whether a file timestamp.txt in its downloads is its own and not a learner's.
        has_grade_file: Whether `grade_sheet` makes a file for it.
        takes_titles: Whether `grade_sheet` uses titles of assignments.
        takes_export: Whether `grade_sheet` uses a file that the platform exported.
        export_is_of_a_lesson: Why no such file can be given for the term; '' where it can.
        takes_feedback: Whether it takes back a zip of feedback pages.
        needs_downloaded: Why it takes feedback only by its own zip of submissions; '' where it does not.
        guess_warning: What to know where learners' numbers come from the gradebook, not from that zip.
    """

    name: str
    key: str = ""
    class_lists: tuple[ClassListForm, ...] = ()
    takes_any_file: bool = False
    smallest_share: float = 0.0
    download_clock: DownloadClock | None = None
    writes_timestamps: bool = False
    has_grade_file: bool = False
    takes_titles: bool = False
    takes_export: bool = False
    export_is_of_a_lesson: str = ""
    takes_feedback: bool = False
    needs_downloaded: str = ""
    guess_warning: str = ""

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """What a path of a download says; None where this platform names no file so.

        `path` is separated by "/"; `lessons` are the names of the course's lessons.
        """
        return None

    def participants(self, path: Path, zone: dt.tzinfo | None) -> Mapping[str, Participant]:
        """The lines of its list of one assignment, by its number there; {} where it has no such list.

        `zone` is where its clock stands, None this machine's. Raises CourseError.
        """
        return {}

    def owner(self, claim: Claim, enrolment: Enrolment) -> Match:
        """The learner whom a claim means; by default the one whose id is its first word."""
        return enrolment.register.by_id(claim.learners[0])

    def advice(self, claim: Claim, enrolment: Enrolment) -> str:
        """What an instructor can do for a file without a known learner; '' for the usual advice."""
        return ""

    def grade_sheet(self, grades: Grades, theirs: Path | None, titles: Mapping[str, str]) -> Sheet:
        """Make the rows of its grade file.

        Args:
            grades: The points, of one lesson or of the term.
            theirs: What the platform exported, whose numbers are taken; None where it is not given.
            titles: What the platform calls an assignment, by the lesson's name.

        Returns:
            The rows, and a remark for each thing that the platform will not take.

        Raises:
            CourseError: `theirs` is no such file, or a title would be read as something else.
        """
        raise CourseError(f"{self.name} takes no file of grades.")

    def submitters(self, names: Sequence[str]) -> list[PlatformPerson]:
        """The people in its zip of submissions, by the names in the zip."""
        return []

    def feedback_start(self, person: Person, known: PlatformPerson | None) -> str:
        """How the name of a page must begin for the platform to give it to this person; '' where not known.

        `known` is the person in the platform's zip of submissions; None where no zip was given.
        """
        return ""
