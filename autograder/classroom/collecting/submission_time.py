"""When a submission came in, as far as its download can say.

The files of Moodle's and Canvas's downloads carry the clock of the download, not of the upload. Taken for the
time of handing in it would make a whole class late. So it counts as "not later than", and the platform's own
mark decides what is late: nobody is punished by a guess.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.lms.download_layouts import CANVAS, MOODLE

_DOWNLOAD = dt.timedelta(minutes=30)
"""A platform packs a class within this; learners hardly ever all hand in within it."""
BARELY = dt.timedelta(seconds=1)
"""How late a submission is at least that is marked late."""


@dataclass(frozen=True)
class Arrival:
    """When a submission came in, in UTC without a zone, None where nothing is known; and what to know of it.

    `exact` times were written down by the platform; others are the clocks of files. `clock` is the file's
    own.
    """

    time: dt.datetime | None
    exact: bool = False
    late: bool = False
    note: str = ""
    clock: dt.datetime | None = None


def is_download_clock(layout: str, times: Sequence[dt.datetime | None]) -> bool:
    """Whether the files' clocks look like that of the platform that packed them."""
    known = [time for time in times if time]
    return layout in (MOODLE, CANVAS) and (len(known) < 3 or max(known) - min(known) <= _DOWNLOAD)


def judged(
    clock: dt.datetime | None, late: bool | None, due: dt.datetime | None, download_clock: bool
) -> Arrival:
    """The arrival by a file's clock and the platform's mark, held against the due date."""
    known = None if download_clock else clock
    if due is None:
        # A download's clock is not written down: with a due date set later it would make everybody late.
        note = "marked late; set the due date in the gradebook, then collect again" if late else ""
        return Arrival(known, late=bool(late), note=note, clock=clock)
    if late and (known is None or known <= due):
        note = "marked late, by how much is not known: correct its timestamp.txt"
        return Arrival(due + BARELY, late=True, note=note, clock=clock)
    if clock and clock > due and (late is False or known is None):
        note = "" if late is False else "perhaps late: only Moodle's worksheet knows"
        return Arrival(due, note=note, clock=clock)
    return Arrival(clock, late=bool(clock and clock > due), clock=clock)


def on_sheet(time: dt.datetime, late: bool, due: dt.datetime | None, clock: dt.datetime | None) -> Arrival:
    """The arrival that Moodle's worksheet gives. Moodle's word on "late" counts with its own extensions."""
    note = ""
    if late and not (due and time > due):
        note = "late for Moodle, not by the due date in the gradebook"
    elif due and time > due and not late:
        note = "not late for Moodle (an extension?), late by the due date in the gradebook"
    return Arrival(time, exact=True, late=late, note=note, clock=clock)


def read(path: Path) -> dt.datetime | None:
    """The time in a timestamp.txt of nbgrader's; None where there is none in it."""
    from nbgrader.utils import parse_utc

    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        return parse_utc(text) if 0 < len(text) < 100 else None
    except (ValueError, OverflowError):
        return None


def written(time: dt.datetime) -> str:
    """A time as nbgrader writes it into timestamp.txt."""
    return f"{time:%Y-%m-%d %H:%M:%S.%f} UTC\n"
