"""A learner's copy of a lesson, and how it stands against the release: the same, untouched, or begun.

    work/03-…/           the learner's: the notebook, its lesson.json, files beside them
    work/.begun/03-…/    the release as the copy began with it; nobody writes there but `renewal`
    work/before/03-…-…/  an older copy, kept whole when its work was carried into a newer version

None of them but the first has a lesson.json one folder below work/, where the lessons are looked for.
"""

from __future__ import annotations

import filecmp
import json
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.core.errors import CourseError
from autograder.course import lesson_json, version
from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import grade_id
from autograder.grading.submission import notebook_file
from autograder.grading.submission.notebook_file import Unreadable

Notebook = dict[str, Any]
"""A notebook as JSON has it."""


class State(Enum):
    """How a copy stands."""

    MISSING = "there is no notebook"
    SAME = "it is a copy of this release"
    UNTOUCHED = "it is a copy of another release, and the learner has changed nothing"
    BEGUN = "it is a copy of another release, with the learner's work in it"
    UNREADABLE = "the notebook cannot be read"


@dataclass(frozen=True)
class Copy:
    """The copy of the lesson `name` in the folder `work`; `release` is the lesson's released folder."""

    work: Path
    release: Path

    @property
    def name(self) -> str:
        """The lesson's id."""
        return self.release.name

    @property
    def folder(self) -> Path:
        """The learner's folder."""
        return self.work / self.name

    @property
    def notebook(self) -> Path:
        """The learner's notebook."""
        return self.folder / f"{self.name}.ipynb"

    @property
    def begun(self) -> Path:
        """Where the release that it began with is kept."""
        return self.work / ".begun" / self.name

    @cached_property
    def released(self) -> Notebook:
        """The released notebook. Raises CourseError where it cannot be read."""
        return _sound(self.release)

    @cached_property
    def base(self) -> Notebook | None:
        """The notebook as the copy began with it, where that is known for certain."""
        try:
            found = _sound(self.begun)
        except CourseError:
            return None
        return found if own_version(self.mine) in ("", version_in(self.begun, found)) else None

    @cached_property
    def mine(self) -> Notebook | None:
        """The learner's notebook; None where there is none, or none that can be read."""
        try:
            return notebook_file.read(self.notebook.read_bytes())[0]
        except (OSError, Unreadable):
            return None

    @cached_property
    def began(self) -> str:
        """The version that it began with; '' where that is not known."""
        return version_in(self.begun, self.base) if self.base else own_version(self.mine)

    @cached_property
    def state(self) -> State:
        """How the copy stands. Raises CourseError where the release cannot be read."""
        newest = version_in(self.release, self.released)
        if not self.notebook.exists():
            return State.MISSING
        if self.mine is None:
            return State.UNREADABLE
        if self.began == newest or (not self.began and _asks_the_same(self.mine, self.released)):
            return State.SAME
        return State.UNTOUCHED if self.base and self._is_untouched(self.base) else State.BEGUN

    def _is_untouched(self, base: Notebook) -> bool:
        """Whether cells and files are as they were; outputs do not count, the learner's own files neither."""
        assert self.mine is not None
        files = [path for path in files_of(self.begun) if path != Path(self.notebook.name)]
        return _texts(self.mine) == _texts(base) and all(
            not (self.folder / path).exists()
            or path == Path(lesson_json.FILE)
            or filecmp.cmp(self.begun / path, self.folder / path, shallow=False)
            for path in files
        )


def files_of(folder: Path) -> list[Path]:
    """Every file below a folder, relative to it, but for Jupyter's checkpoints and Python's caches."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not {".ipynb_checkpoints", "__pycache__"} & set(path.parts))


def source(cell: Cell) -> str:
    """A cell's text, also where the file holds it as a list of lines."""
    found = cell.get("source", "")
    return found if isinstance(found, str) else "".join(line for line in found if isinstance(line, str))


def own_version(notebook: Notebook | None) -> str:
    """The version that a notebook says it is of; '' where it says none."""
    keys = notebook["metadata"].get("autograder") if notebook else None
    found = keys.get("version") if isinstance(keys, dict) else None
    return found if isinstance(found, str) else ""


def version_in(folder: Path, notebook: Notebook) -> str:
    """The version of a released lesson, worked out where it was built before there were any."""
    found = own_version(notebook)
    if found:
        return found
    data = json.loads((folder / lesson_json.FILE).read_text(encoding="utf-8"))
    return version.version_of(notebook, data, {})


def _sound(folder: Path) -> Notebook:
    path = folder / f"{folder.name}.ipynb"
    try:
        found, notes = notebook_file.read(path.read_bytes())
        lesson_json.read(folder / lesson_json.FILE)
    except (OSError, Unreadable) as error:
        raise CourseError(f"{path} cannot be read ({error}). Fetch the course again, or build it.") from error
    if notes:
        raise CourseError(f"{path} is damaged ({notes[0]}). Fetch the course again, or build it.")
    return found


def _texts(notebook: Notebook) -> list[tuple[str, str]]:
    """Type and text of every cell that holds something."""
    found = [(cell.get("cell_type"), source(cell).strip()) for cell in notebook["cells"]]
    return [(str(kind), text) for kind, text in found if text]


def _asks_the_same(mine: Notebook, released: Notebook) -> bool:
    """Whether a copy without a version holds all that the release holds, answers apart."""
    texts = {source(cell).strip() for cell in mine["cells"]}
    names = {grade_id(cell) for cell in mine["cells"]} - {None}
    for cell in released["cells"]:
        is_answer = cell["metadata"].get("nbgrader", {}).get("solution")
        if (grade_id(cell) not in names) if is_answer else (source(cell).strip() not in texts):
            return False
    return names <= {grade_id(cell) for cell in released["cells"]}
