"""The lessons that a learner has: this notebook's own, and those whose folders lie beside it."""

from __future__ import annotations

import functools
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.core.model import Lesson
from autograder.course import lesson_json


def here() -> Lesson:
    """The lesson in the current folder. Raises CourseError where there is none."""
    path = Path.cwd() / lesson_json.FILE
    try:
        stamp = path.stat()
    except OSError:
        raise CourseError(f"{path} is missing. It belongs beside the lesson's notebook.") from None
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


def every() -> list[Lesson]:
    """All lessons in folders beside the current one, in the order of their numbers; damaged ones left out."""
    found = []
    for path in sorted(Path.cwd().resolve().parent.glob(f"*/{lesson_json.FILE}")):
        try:
            stamp = path.stat()
            found.append(_read(path, stamp.st_mtime_ns, stamp.st_size))
        except (CourseError, OSError):
            continue
    return sorted(found, key=lambda lesson: lesson.id)


@functools.lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> Lesson:
    """The lesson in a file, read once as long as the file stays as it is."""
    return lesson_json.read(path)
