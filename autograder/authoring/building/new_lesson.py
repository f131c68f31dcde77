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
    """Begin a new lesson, and list it last in course.toml.

    Args:
        root: The folder of the course.
        name: The name of the lesson, as 04-normalizing-flows.
        title: Its title.

    Returns:
        Its file, lessons/<name>.md.

    Raises:
        CourseError: The name is not a lesson's or is taken, or the title is no title.
    """
    title = title.strip()
    _refuse(name, title)
    path, table = root / "lessons" / f"{name}.md", root / "lessons" / "course.toml"
    taken = [lesson for lesson in read(root).lessons if lesson[:2] == name[:2]]
    if taken or path.exists():
        raise CourseError(f"{(taken or [str(path)])[0]} exists already. Open it, or choose another number.")
    listed = _with_lesson(table, name)
    write_whole(path, _skeleton(path, title))
    try:
        write_whole(table, listed)
    except BaseException:
        path.unlink(missing_ok=True)  # a lesson that course.toml does not list stops every verb
        raise
    settle(root / "lessons")
    return path


def _refuse(name: str, title: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise CourseError(
            f"{name!r} is not a lesson's name. Write two digits and words, at most {LONGEST} characters:"
            " 04-normalizing-flows"
        )
    if not title or any(unicodedata.category(sign) in _NO_LINE for sign in title):
        raise CourseError(
            "the title is empty, or has a line break or another sign that does not print."
            " Give it as --title 'Normalizing flows'"
        )


def _with_lesson(table: Path, name: str) -> str:
    """The text of course.toml with one lesson more, its last."""
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
    return tomlkit.dumps(document)


def _skeleton(path: Path, title: str) -> str:
    """The text of a lesson that nobody has written yet."""
    skeleton = (
        resources.files("autograder.authoring.building").joinpath("skeleton.md").read_text(encoding="utf-8")
    )
    number = path.stem[:2]
    text = skeleton.replace("EXERCISE", f"example-{number}").replace("ANSWER", f"example_{number}")
    front = yaml.safe_dump({"minutes": 60, "title": title}, allow_unicode=True, width=10_000)
    # Canonical at once: `format` finds nothing to change in what nobody has edited yet.
    return tidied(f"---\n{front}---\n\n# {title}\n{text}", path)
