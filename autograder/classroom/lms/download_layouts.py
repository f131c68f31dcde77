"""How downloads are laid out: from a file's path to whose it is, as the table LAYOUTS knows them.

What stands in a name was read in the programs that write it: Canvas's lib/content_zipper.rb, Moodle's
mod/assign/classes/downloader.php, nbgrader's exchange.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

JUNK = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"))
"""What operating systems leave behind."""


@dataclass(frozen=True)
class Claim:
    """What a path says of a file. `learners` are the words that may name its learner, the likeliest first.

    `bundle` is shared by files that were handed in together; `file` is the file's path within. `attempt`
    grows with each upload where the platform counts them. `late` is None where the platform does not say.
    `nobody` says why no learner can be known from such a path.
    """

    layout: str
    learners: tuple[str, ...]
    bundle: str
    file: str
    lms_id: str = ""
    participant: str = ""
    lesson: str = ""
    attempt: int = 0
    late: bool | None = None
    nobody: str = ""


@dataclass(frozen=True)
class Layout:
    """One program's way of laying out a download.

    The groups of `pattern` are fields of a Claim; `learner` is its first word for the learner.
    """

    name: str
    pattern: re.Pattern[str]


MOODLE, CANVAS, NBGRADER, EXCHANGE, NAMED = "Moodle", "Canvas", "nbgrader", "nbgrader's exchange", "named"
LAYOUTS = (
    # Anna Müller_4711_assignsubmission_file_/03.ipynb, or without the slash where folders are turned off.
    Layout(
        MOODLE,
        re.compile(
            r"(?P<bundle>(?P<learner>[^/]+)_(?P<participant>\d+)_assignsubmission_[a-z]+)(?:_?/|_)(?P<file>.+)"
        ),
    ),
    # anon_x7Yz_90210_03.ipynb
    Layout(
        CANVAS,
        re.compile(
            r"(?P<bundle>(?:(?P<late>LATE)_)?(?P<nobody>anon)_(?!\d+_)[^/_]+)_(?:\d+_)?(?P<file>[^/]+)"
        ),
    ),
    # mülleranna_LATE_1042_90210_03-2.ipynb; a text typed in the browser has no number of a file.
    Layout(
        CANVAS,
        re.compile(
            r"(?P<bundle>(?P<learner>[^/]+?)_(?:(?P<late>LATE)_)?(?P<lms_id>\d+))_(?:(?P<attempt>\d+)_)?"
            r"(?P<file>(?<=\d_)[^/]+|(?:text|link)\.html)"
        ),
    ),
    # ann+03-maximum-likelihood+2030-01-07 11:00:00 UTC+random/03-….ipynb
    Layout(
        EXCHANGE,
        re.compile(r"(?P<bundle>(?P<learner>[^+/]+)\+(?P<lesson>[^+/]+)\+[^+/]+(?:\+[^/]*)?)/(?P<file>.+)"),
    ),
)
_ANONYMOUS = "the platform hid the names: turn anonymous grading off and download again"


def claims(paths: Sequence[tuple[str, ...]], lessons: Iterable[str]) -> list[tuple[Claim, ...]]:
    """For each file, given by the readings of its path, what each reading claims; () for junk.

    A download has one layout: the first of the table that fits any of its files, and for Canvas's, which a
    person's own names may resemble, half of them. Files that it does not fit claim nobody.
    """
    lessons = tuple(lessons)
    kept = [() if is_junk(readings[0]) else readings for readings in paths]
    files = sum(map(bool, kept))
    finders = (
        *((layout, _by_pattern(layout)) for layout in dict.fromkeys(one.name for one in LAYOUTS)),
        (NBGRADER, _by_lesson(lessons)),
    )
    for strip in dict.fromkeys(("", _wrapper([readings[0] for readings in kept if readings]))):
        for layout, find in finders:
            found = [
                tuple(claim for name in readings if (claim := find(name.removeprefix(strip))))
                for readings in kept
            ]
            fitting = sum(map(bool, found))
            if fitting and (layout != CANVAS or fitting * 2 >= files):
                return [
                    (one or (_stranger(readings[0]),)) if readings else ()
                    for one, readings in zip(found, kept, strict=True)
                ]
    return [tuple(map(_named, readings)) for readings in kept]


def is_junk(name: str) -> bool:
    """Whether a file is one that no person made."""
    parts = PurePosixPath(name).parts
    return any(part in JUNK or part.startswith(".") for part in parts)


def _wrapper(names: list[str]) -> str:
    """The folder that holds everything, as "folder/"; '' where there is none."""
    tops = {name.partition("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


Find = Callable[[str], Claim | None]


def _by_pattern(name: str) -> Find:
    patterns = [layout.pattern for layout in LAYOUTS if layout.name == name]

    def find(path: str) -> Claim | None:
        for pattern in patterns:
            if match := pattern.fullmatch(path):
                return _claim(name, match.groupdict())
        return None

    return find


def _claim(layout: str, found: dict[str, str | None]) -> Claim:
    learner = found.get("learner")
    return Claim(
        layout,
        (learner,) if learner else (),
        found["bundle"] or "",
        found["file"] or "",
        lms_id=found.get("lms_id") or "",
        participant=found.get("participant") or "",
        lesson=found.get("lesson") or "",
        attempt=int(found.get("attempt") or 0),
        late=bool(found.get("late")) if layout == CANVAS else None,
        nobody=_ANONYMOUS if found.get("nobody") else "",
    )


def _by_lesson(lessons: tuple[str, ...]) -> Find:
    """nbgrader's own folders: <student>/<lesson>/<file>, where the lesson is one of the course's."""

    def find(path: str) -> Claim | None:
        learner, _, rest = path.partition("/")
        lesson, _, file = rest.partition("/")
        if file and lesson in lessons:
            return Claim(NBGRADER, (learner,), f"{learner}/{lesson}", file, lesson=lesson)
        return None

    return find


def _named(path: str) -> Claim:
    """A file that a person named: the learner is a folder, from the outside in, or the file's name."""
    place = PurePosixPath(path)
    folders = place.parts[:-1]
    bundle = "/".join(folders) or place.name
    return Claim(NAMED, (*folders, place.stem), bundle, place.name)


def _stranger(path: str) -> Claim:
    return Claim("", (), path, path, nobody="its name is not one that the platform gives to a submission")


def layout_of(found: Iterable[tuple[Claim, ...]]) -> str:
    """The layout of a whole download."""
    return next((claim.layout for one in found for claim in one if claim.layout), NAMED)


def copy_number(stem: str) -> int:
    """The number that a browser or platform put behind a file's name: 2 for "03 (2)" and "03-2", else 0."""
    match = re.search(r"(?: ?\((\d{1,3})\)|-(\d{1,3}))$", stem)
    return int(match[1] or match[2]) if match else 0
