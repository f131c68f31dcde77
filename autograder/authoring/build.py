"""Lessons -> source/ and release/: built aside, then put in place, so that a failed build changes nothing."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder.authoring import evaluate, lesson, release, sealing
from autograder.authoring.cells import Cell
from autograder.authoring.course import Course
from autograder.authoring.lesson import LessonText
from autograder.authoring.notebook import Picture, notebook_of
from autograder.core import catalog
from autograder.core.errors import CourseError, LessonError
from autograder.core.lean import without_format_checks

CONFIG = "nbgrader_config.py"


def build(
    course: Course, lessons: Iterable[str], say: Callable[[str], None] = lambda _: None
) -> dict[str, list[str]]:
    """Build `lessons` into source/ and release/; returns the files that changed, by lesson.

    Builds all of them aside first. Raises LessonError or BuildError and leaves every old file whole
    when one fails. `say` is told each lesson before it is built.
    """
    wanted = list(lessons)
    with built_aside(course, wanted, say) as aside:
        return {name: _put_in_place(aside, course.root, name) for name in wanted}


@contextmanager
def built_aside(
    course: Course,
    lessons: Iterable[str],
    say: Callable[[str], None] = lambda _: None,
    prove: bool = True,
) -> Iterator[Path]:
    """A temporary folder with source/ and release/ of `lessons`, beside the course's own.

    With `prove`, a proof that fails is an error.
    """
    without_format_checks()
    if not (course.root / CONFIG).exists():
        raise CourseError(f"{course.root / CONFIG} is missing. Copy it from another course of this kind.")
    aside = Path(tempfile.mkdtemp(prefix=".build-", dir=course.root))
    try:
        shutil.copy(course.root / CONFIG, aside / CONFIG)
        for name in lessons:
            say(name)
            _build_one(course, name, aside, prove)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _build_one(course: Course, name: str, aside: Path, prove: bool) -> None:
    import nbformat

    text = lesson.read(course.path(name))
    evaluated = evaluate.evaluate(text)
    if prove:
        for one in evaluated:
            evaluate.run(one.text.proof, dict(one.solved))
    sealed = sealing.seal_lesson(text, evaluated)
    notebook = notebook_of(text, evaluated, pictures_of(text), course.worked_open)
    nbformat.validate(notebook)
    folder = aside / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    data = catalog.to_json(sealed, sealing.salt_of(name))
    (folder / catalog.FILE).write_text(
        json.dumps(data, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8"
    )
    release.generate(aside, name)


def pictures_of(text: LessonText) -> list[Picture]:
    """Each figure of a lesson as it first stands. Raises LessonError where a figure shows none."""
    names: evaluate.Names = {"__name__": "__lesson__"}
    pictures: list[Picture] = []
    for block in text.blocks:
        for cell in (block,) if isinstance(block, Cell) else block.given:
            if cell.kind != "code" or cell.role not in ("", "figure"):
                continue
            # A figure may use the given names; what it defines itself must not reach the given cells.
            shown = evaluate.run(cell, names if cell.role == "" else dict(names))
            if cell.role != "figure":
                continue
            if not hasattr(shown, "picture"):
                raise LessonError(
                    cell.problem(
                        "this figure shows nothing",
                        "Make explore(draw, ...) the last expression of the cell.",
                    )
                )
            try:
                png, text = shown.picture()
                if not isinstance(text, str) or not text.strip():
                    raise TypeError("draw returns no text alternative")
                pictures.append((png, text))
            except Exception as error:
                raise LessonError(
                    cell.problem(
                        f"{type(error).__name__}: {error}", "This figure must draw at its start values."
                    )
                ) from error
    return pictures


def _put_in_place(aside: Path, root: Path, name: str) -> list[str]:
    """Replace what differs, file by file; returns the changed files, relative to the course."""
    changed = []
    for kind in ("source", "release"):
        new, old = aside / kind / name, root / kind / name
        old.mkdir(parents=True, exist_ok=True)
        fresh = files_in(new)
        for path in fresh:
            target = old / path
            if target.exists() and filecmp.cmp(new / path, target, shallow=False):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / path, target)
            changed.append(str(Path(kind, name, path)))
        for path in files_in(old):
            if path not in fresh:
                (old / path).unlink()
                changed.append(str(Path(kind, name, path)))
    return changed


def files_in(folder: Path) -> list[Path]:
    """Every file below `folder`, relative to it, but for Jupyter's checkpoints."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)
