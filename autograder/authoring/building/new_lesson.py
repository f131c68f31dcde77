"""A new lesson: a skeleton that builds and verifies as it is, and its line in course.toml."""

from __future__ import annotations

import re
import unicodedata
from importlib import resources
from pathlib import Path

import tomlkit
import yaml
from tomlkit.exceptions import TOMLKitError

from autograder.authoring.format.formatter import settle, tidied
from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.course.course_toml import read

_NO_LINE = ("Cc", "Cs", "Zl", "Zp")
"""Unicode's line breaks, control characters, and halves of characters."""
_NAME = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = 100
"""No lesson's name is longer: it names folders and files, twice over."""


def create(root: Path, name: str, title: str) -> Path:
    """Write lessons/<name>.md and list it last in course.toml; returns the new file.

    Raises CourseError where the name is not a lesson's or is taken, or the title is no title.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise CourseError(
            f"{name!r} is not a lesson's name. Write two digits and words, at most {LONGEST} characters:"
            " 04-normalizing-flows"
        )
    title = title.strip()
    if not title or any(unicodedata.category(sign) in _NO_LINE for sign in title):
        raise CourseError(
            "the title is empty, or has a line break or another sign that does not print."
            " Give it as --title 'Normalizing flows'"
        )
    path, table = root / "lessons" / f"{name}.md", root / "lessons" / "course.toml"
    course = read(root)
    taken = [lesson for lesson in course.lessons if lesson[:2] == name[:2]]
    if taken or path.exists():
        raise CourseError(f"{(taken or [str(path)])[0]} exists already. Open it, or choose another number.")
    try:
        document = tomlkit.parse(table.read_text(encoding="utf-8"))
    except TOMLKitError as error:
        raise CourseError(f"{table}: {error}") from error
    phases = document.get("phases")
    if not phases:
        raise CourseError(
            f'{table} has no part to list the lesson in. Add: [[phases]], title = "Phase 1", lessons = []'
        )
    phases[-1]["lessons"].append(name)
    skeleton = (
        resources.files("autograder.authoring.building").joinpath("skeleton.md").read_text(encoding="utf-8")
    )
    number = name[:2]
    text = skeleton.replace("EXERCISE", f"example-{number}").replace("ANSWER", f"example_{number}")
    front = yaml.safe_dump({"minutes": 60, "title": title}, allow_unicode=True, width=10_000)
    # Canonical at once: `format` finds nothing to change in what nobody has edited yet.
    text = tidied(f"---\n{front}---\n\n# {title}\n{text}", path)
    write_whole(path, text)
    try:
        write_whole(table, tomlkit.dumps(document))
    except BaseException:
        path.unlink(missing_ok=True)  # a lesson that course.toml does not list stops every verb
        raise
    settle(root / "lessons")
    return path
