"""nbgrader_config.py: the course's own, or the settings that a course of this kind has where it has none."""

from __future__ import annotations

import re
import unicodedata
from importlib import resources
from pathlib import Path

from autograder.core.atomic_write import write_whole
from autograder.course.course_toml import Course

CONFIG = "nbgrader_config.py"


def text_of(course: Course) -> bytes:
    """The settings that this course is built with: its own file's, else the usual ones."""
    path = course.root / CONFIG
    return path.read_bytes() if path.exists() else _usual(course).encode()


def settle(course: Course) -> list[str]:
    """Write the file where there is none, for nbgrader and for grading; returns what was written."""
    path = course.root / CONFIG
    if path.exists():
        return []
    write_whole(path, _usual(course))
    return [CONFIG]


def _usual(course: Course) -> str:
    template = Path(str(resources.files("autograder.authoring.building"))) / "nbgrader_config.txt"
    return template.read_text(encoding="utf-8").replace("COURSE_ID", _id_of(course.title))


def _id_of(title: str) -> str:
    """A course's id as nbgrader, its exchange and file names can take it: ASCII words with hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "course"
