"""Whether the notebook that calls `check` and the lesson.json beside it are of two versions of the lesson.

Both carry the lesson's version. It is looked for in the notebook's file, without reading it as JSON: a check
must be quick. Where the file has another name, or no version, nothing is known, and nothing is said.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

from autograder.core.model import Lesson

_LARGEST = 32 << 20
# In a cell's text these quotes would have backslashes; only metadata can look like this.
_VERSION = re.compile(rb'"autograder":\s*\{[^{}]*?"version":\s*"([0-9a-f]+)"')


def mixed(lesson: Lesson) -> str:
    """A sentence where the notebook of `lesson`, in the current folder, is of another version; else ''."""
    begun = _version(_notebook(lesson))
    if not begun or not lesson.version or begun == lesson.version:
        return ""
    return _words(lesson)


def claimed(lesson: Lesson, exercise: str) -> str:
    """The same sentence where the notebook has a check of an exercise that lesson.json does not know."""
    found = mixed(lesson)
    if found:
        return found
    wanted = re.compile(rb'"grade_id":\s*"' + re.escape(exercise.encode()) + rb'"')
    return _words(lesson) if wanted.search(_content(_notebook(lesson))) else ""


def _words(lesson: Lesson) -> str:
    return (
        "This notebook and the lesson.json beside it are of two versions of the lesson. Take both from one"
        f" download; in the course's folder: autograder lab {lesson.id[:2]} --update"
    )


def _notebook(lesson: Lesson) -> Path:
    return Path.cwd() / f"{lesson.id}.ipynb"


def _version(path: Path) -> str:
    try:
        stamp = path.stat()
    except OSError:
        return ""
    return _version_at(path, stamp.st_mtime_ns, stamp.st_size)


@functools.lru_cache(maxsize=16)
def _version_at(path: Path, changed: int, size: int) -> str:
    """The version in a notebook's file, looked for once as long as the file stays as it is."""
    found = _VERSION.search(_content(path))
    return found[1].decode() if found else ""


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""
