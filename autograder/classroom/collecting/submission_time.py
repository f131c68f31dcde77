"""When a submission came in, as far as its download can say.

The files of most platforms' downloads carry the clock of the download, not of the upload. Taken for the time
of handing in it would make a whole class late. So it counts as "not later than", and the platform's own mark
decides what is late: nobody is punished by a guess.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.classroom.lms.platform import Participant, Platform

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


def is_download_clock(platform: Platform, times: Sequence[dt.datetime | None]) -> bool:
    """Whether the files' clocks look like that of the platform that packed them."""
    known = [time for time in times if time]
    return platform.download_clock is not None and (len(known) < 3 or max(known) - min(known) <= _DOWNLOAD)


def by_clock(
    clock: dt.datetime | None, late: bool | None, due: dt.datetime | None, download: Platform | None
) -> Arrival:
    """Judge the time of a submission by its file's clock and the platform's mark.

    Args:
        clock: The time of the file, UTC without a zone; None where it has none.
        late: The platform's own mark; None where it makes none.
        due: The due date, UTC without a zone.
        download: The platform whose download's clock all files carry; None where the clocks are their own.

    Returns:
        The arrival. With a download's clock it is never later than the due date but by the platform's mark.
    """
    known = None if download else clock
    if due is None:
        # A download's clock is not written down: with a due date set later it would make everybody late.
        note = "marked late; set the due date in the gradebook, then collect again" if late else ""
        return Arrival(known, late=bool(late), note=note, clock=clock)
    if late and (known is None or known <= due):
        note = "marked late, by how much is not known: correct its timestamp.txt"
        return Arrival(due + BARELY, late=True, note=note, clock=clock)
    if clock and clock > due and (late is False or known is None):
        words = download and download.download_clock
        return Arrival(due, note=words.perhaps_late if words and late is None else "", clock=clock)
    return Arrival(clock, late=bool(clock and clock > due), clock=clock)


def by_platform(time: dt.datetime, due: dt.datetime | None, clock: dt.datetime | None) -> Arrival:
    """Judge a time that nbgrader or the platform wrote down.

    Args:
        time: When the submission was handed in, UTC without a zone.
        due: The due date in the same form; None where there is none.
        clock: The time of the file in the same form.

    Returns:
        The arrival, late where `time` is past `due`.
    """
    return Arrival(time, exact=True, late=bool(due and time > due), clock=clock)


def by_list(
    person: Participant, platform: Platform, due: dt.datetime | None, clock: dt.datetime | None
) -> Arrival:
    """Judge the time of a submission by the platform's list of the assignment.

    Args:
        person: The learner's line of the list. The platform's word on "late" counts, with its extensions.
        platform: The platform, for the words of the note.
        due: The gradebook's due date, UTC without a zone.
        clock: The time of the file, UTC without a zone.

    Returns:
        The arrival, with a note where the platform and the due date do not agree.
    """
    note = ""
    past = bool(due and person.time and person.time > due)
    if person.late and not past:
        note = f"late for {platform.name}, not by the due date in the gradebook"
    elif past and not person.late:
        note = f"not late for {platform.name} (an extension?), late by the due date in the gradebook"
    return Arrival(person.time, exact=True, late=person.late, note=note, clock=clock)


def in_utc(local: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """A time of the platform's clock in UTC without a zone; `zone` None is this machine's."""
    return local.replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)
