"""The platforms that this program knows. Adding one is a file of its own and a row here."""

from __future__ import annotations

from collections.abc import Callable

from autograder.classroom.lms.canvas import Canvas
from autograder.classroom.lms.moodle import Moodle
from autograder.classroom.lms.named_files import NamedFiles
from autograder.classroom.lms.nbgrader import Exchange, Folders
from autograder.classroom.lms.platform import Platform

PLATFORMS: tuple[Platform, ...] = (
    Moodle(),
    Canvas(),
    Exchange(),
    Folders(),
    NamedFiles(),
)
"""In the order in which they are asked whether a download is theirs."""


def keys(has: Callable[[Platform], bool]) -> tuple[str, ...]:
    """What people type for each platform of which `has` is true."""
    return tuple(platform.key for platform in PLATFORMS if has(platform))


def by_key(key: str) -> Platform:
    """The platform that people call `key`. Raises KeyError where there is none."""
    return {platform.key: platform for platform in PLATFORMS if platform.key}[key]
