"""A new lesson: a skeleton that builds and verifies as it is, and its line in course.toml."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import tomlkit

from autograder.core.errors import CourseError
from autograder.core.files import write_whole

_NAME = re.compile(r"^\d\d-[a-z0-9]+(-[a-z0-9]+)*$")


def create(root: Path, name: str, title: str) -> Path:
    """Write lessons/<name>.md and list it last in course.toml; returns the new file.

    Raises CourseError where the name is not a lesson's, or is taken.
    """
    if not _NAME.match(name):
        raise CourseError(
            f"{name!r} is not a lesson's name. Write two digits and words: 04-normalizing-flows"
        )
    path = root / "lessons" / f"{name}.md"
    table = root / "lessons" / "course.toml"
    if path.exists():
        raise CourseError(f"{path} exists already. Open it, or choose another name.")
    if not table.exists():
        raise CourseError(f"no course here: {table} is missing.")
    document = tomlkit.parse(table.read_text(encoding="utf-8"))
    phases = document.get("phases")
    if not phases:
        raise CourseError(f"{table} has no [[phases]]. Add one with a title and lessons = [].")
    phases[-1]["lessons"].append(name)
    skeleton = resources.files("autograder.authoring").joinpath("skeleton.md").read_text(encoding="utf-8")
    slug = name[3:]
    text = (
        skeleton.replace("TITLE", title)
        .replace("EXERCISE", f"{slug}-example")
        .replace("ANSWER", f"{slug.replace('-', '_')}_example")
    )
    write_whole(path, text)
    write_whole(table, tomlkit.dumps(document))
    return path
