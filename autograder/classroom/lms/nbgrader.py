"""nbgrader's own folders, and those of its exchange (nbgrader/exchange/default)."""

from __future__ import annotations

import re
from collections.abc import Collection

from autograder.classroom.lms.platform import Claim, Platform

_SUBMITTED = re.compile(
    r"(?P<bundle>(?P<learner>[^+/]+)\+(?P<lesson>[^+/]+)\+[^+/]+(?:\+[^/]*)?)/(?P<file>.+)"
)


class Exchange(Platform):
    """The inbound folder of an exchange: ann+03-likelihood+2030-01-07 11:00:00 UTC+random/03-….ipynb."""

    name = "nbgrader's exchange"
    writes_timestamps = True

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """The learner and the lesson, as the exchange names a folder."""
        found = _SUBMITTED.fullmatch(path)
        if not found:
            return None
        return Claim((found["learner"],), found["bundle"], found["file"], lesson=found["lesson"])


class Folders(Platform):
    """A folder submitted/: <student>/<lesson>/<file>, where the lesson is one of the course's."""

    name = "nbgrader"
    writes_timestamps = True

    def claim(self, path: str, lessons: Collection[str]) -> Claim | None:
        """The learner and the lesson, where the second folder is a lesson."""
        learner, _, rest = path.partition("/")
        lesson, _, file = rest.partition("/")
        if file and lesson in lessons:
            return Claim((learner,), f"{learner}/{lesson}", file, lesson=lesson)
        return None
