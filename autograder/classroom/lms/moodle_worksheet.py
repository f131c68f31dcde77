"""Moodle's grading worksheet: who is behind which number of a download, and when they handed in.

Moodle's download has the clock of the download on every file, and with hidden names no names. The worksheet
("Download grading worksheet", beside "Download all submissions") has both.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from autograder.classroom.lms.platform import Participant
from autograder.classroom.roster import csv_table
from autograder.core.errors import CourseError

_WHEN = "last modified (submission)"


def read(path: Path, zone: dt.tzinfo | None) -> dict[str, Participant]:
    """The lines of a worksheet by Moodle's number of the participant.

    `zone` is the time zone in which Moodle shows times; None is this machine's. Raises CourseError.
    """
    rows, _ = csv_table.read(path, unique=("identifier", _WHEN))
    if not {"identifier", _WHEN} <= set(rows[0].cells):
        raise CourseError(
            f"{path}:1: is no grading worksheet in English: the columns Identifier and Last modified"
            " (submission) are needed. In Moodle, set your language to English, then download it again."
        )
    found = {}
    for row in rows:
        number = re.search(r"\d+", row.cells["identifier"])
        if not number:
            raise CourseError(
                f"{path}:{row.line}: {row.cells['identifier']!r} is no number of a participant."
            )
        found[number[0]] = Participant(
            row.first(("full name",)),
            row.first(("id number",)),
            row.first(("email address",)),
            _time(row.cells[_WHEN], f"{path}:{row.line}", zone),
            # "Submitted for grading - 2 hours 5 mins late - Released"
            re.search(r"\blate\b", row.first(("status",))) is not None,
        )
    return found


def _time(text: str, where: str, zone: dt.tzinfo | None) -> dt.datetime | None:
    from dateutil import parser  # nbgrader's own reader of times

    if not text.strip("- "):
        return None
    try:
        return parser.parse(text).replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise CourseError(
            f"{where}: {text!r} is no time. In Moodle, set your language to English and download again."
        ) from error
