"""A learner's copy under work/, edited and opened anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.authoring.building.build import build
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.publishing.copies import lab
from autograder.publishing.copies.learner_copy import own_version
from tests.support.builds import change

NAME = "01-coins"
NEW_TEXT = ("A coin shows heads", "A bent coin shows heads")


def edit_notebook(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change a notebook's JSON, as an editor would save it."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    edit(notebook)
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def cell_of(notebook: dict[str, Any], id: str) -> dict[str, Any]:
    """The cell of that id."""
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if cell["id"] == id)
    return found


def answer(work: Path, exercise: str, source: str) -> None:
    """Type an answer into the learner's notebook."""

    def type_in(notebook: dict[str, Any]) -> None:
        cell_of(notebook, f"01-{exercise}-answer")["source"] = source

    edit_notebook(work / NAME / f"{NAME}.ipynb", type_in)


def rebuilt(course: Course, *edits: tuple[str, str]) -> Course:
    """The course after the author's edits and a build."""
    changed = change(course, f"{NAME}.md", *edits)
    build(changed, changed.lessons)
    return changed


def opened(course: Course, prefix: str | None = None) -> list[str]:
    """What `lab` says when it brings work/ in order."""
    said: list[str] = []
    lab.copy_out(course.root, said.append, prefix)
    return said


def versions(folder: Path) -> tuple[str, str]:
    """The version of a notebook and of the lesson.json beside it."""
    notebook = json.loads((folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    return own_version(notebook), lesson_json.read(folder / lesson_json.FILE).version


def without_versions(folder: Path) -> None:
    """Make a copy as it was before there were any."""
    edit_notebook(folder / f"{NAME}.ipynb", lambda notebook: notebook["metadata"].pop("autograder"))
    data = json.loads((folder / lesson_json.FILE).read_text(encoding="utf-8"))
    del data["lesson"]["version"]
    (folder / lesson_json.FILE).write_text(json.dumps(data), encoding="utf-8")
