"""The tiny course changed and built, and what lies in its folders."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.authoring.building.build import build
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course


def tree(root: Path, *kinds: str) -> dict[str, bytes]:
    """Every file below `root` (or its folders `kinds`), by relative path."""
    folders = [root / kind for kind in kinds] or [root]
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def change(course: Course, name: str, *edits: tuple[str, str]) -> Course:
    """In a file of lessons/, the first `old` of each (old, new) becomes `new`. Returns the course anew."""
    path = course.root / "lessons" / name
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, f"the edit does not fit {name}: {old!r}"
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return courses.read(course.root)


def with_dice(course: Course) -> Course:
    """The course with a second lesson, 02-dice: the first under another name."""
    lessons = course.root / "lessons"
    shutil.copy(lessons / "01-coins.md", lessons / "02-dice.md")
    return change(course, "course.toml", ('["01-coins"]', '["01-coins", "02-dice"]'))


def told(course: Course, **options: bool) -> list[str]:
    """The lessons that a build of the whole course built."""
    built: list[str] = []
    build(course, course.lessons, built.append, **options)
    return built
