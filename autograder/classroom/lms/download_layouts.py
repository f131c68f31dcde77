"""Which platform made a download, and what the path of each file in it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from autograder.classroom.lms.platform import Claim, Platform
from autograder.classroom.lms.registry import PLATFORMS

JUNK = frozenset(("__MACOSX", "Thumbs.db", "desktop.ini", "__pycache__"))
"""What operating systems leave behind."""
_NOT_A_SUBMISSION = "its name is not one that the platform gives to a submission"


@dataclass(frozen=True)
class Recognized:
    """The platform of a download, and for each file what each reading of its path claims; () for junk."""

    platform: Platform
    claims: tuple[tuple[Claim, ...], ...]


def recognize(paths: Sequence[tuple[str, ...]], lessons: Iterable[str]) -> Recognized:
    """Find the platform of a download; every download has one.

    The first platform of PLATFORMS that names enough of the files is taken, with the outermost folder or
    without it; those that take any file come last. A file that is not named so claims nobody.

    Args:
        paths: For each file the readings of its path, the likeliest first, separated by "/".
        lessons: The names of the course's lessons.

    Returns:
        The platform and a tuple of claims for each file, in the order of `paths`.
    """
    names = frozenset(lessons)
    kept = [() if is_junk(readings[0]) else readings for readings in paths]
    for platform, prefix in _attempts(kept):
        found = [
            tuple(claim for path in readings if (claim := platform.claim(path.removeprefix(prefix), names)))
            for readings in kept
        ]
        if _enough(platform, sum(map(bool, found)), sum(map(bool, kept))):
            claims = (
                (claim or (_stranger(readings[0]),)) if readings else ()
                for claim, readings in zip(found, kept, strict=True)
            )
            return Recognized(platform, tuple(claims))
    # An empty download is nobody's; the platform that takes any file says so best.
    return Recognized(next(one for one in PLATFORMS if one.takes_any_file), ((),) * len(paths))


def _attempts(paths: Sequence[tuple[str, ...]]) -> Iterator[tuple[Platform, str]]:
    """Each platform, and what to take off the paths before it is asked."""
    prefixes = dict.fromkeys(("", _outermost_folder([readings[0] for readings in paths if readings])))
    for any_file in (False, True):
        for prefix in prefixes:
            for platform in PLATFORMS:
                if platform.takes_any_file is any_file:
                    yield platform, prefix


def _enough(platform: Platform, fitting: int, files: int) -> bool:
    return fitting > 0 and fitting >= platform.smallest_share * files


def _outermost_folder(names: list[str]) -> str:
    """The folder that holds everything, as "folder/"; '' where there is none."""
    tops = {name.partition("/")[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def _stranger(path: str) -> Claim:
    return Claim((), path, path, nobody=_NOT_A_SUBMISSION)


def is_junk(name: str) -> bool:
    """Whether a file is one that no person made."""
    parts = PurePosixPath(name).parts
    return any(part in JUNK or part.startswith(".") for part in parts)


def copy_number(stem: str) -> int:
    """The number that a browser or platform put behind a file's name: 2 for "03 (2)" and "03-2", else 0."""
    match = re.search(r"(?: ?\((\d{1,3})\)|-(\d{1,3}))$", stem)
    return int(match[1] or match[2]) if match else 0
