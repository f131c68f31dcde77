"""Lessons -> source/ and release/: built aside, then put in place, so that a failed build changes nothing."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from autograder.authoring import evaluate, formulas, freshness, release, remembered, sealing
from autograder.authoring.course import Course
from autograder.authoring.notebook import notebook_of
from autograder.authoring.parallel import each_lesson
from autograder.authoring.prepared import Prepared, prepare
from autograder.authoring.remembered import Remembered
from autograder.core import catalog
from autograder.core.errors import CourseError, LessonError, Problem
from autograder.core.lean import lean_nbformat

CONFIG = "nbgrader_config.py"


def build(
    course: Course,
    lessons: Iterable[str],
    say: Callable[[str], None] = lambda _: None,
    force: bool = False,
) -> dict[str, list[str]]:
    """Build `lessons` into source/ and release/; returns the files that changed, by lesson.

    A lesson of which nothing has changed since its last build is left alone, and wrong implementations that
    are known are not run again, unless `force`. The others
    are built aside first, on all cores: where one fails, LessonError or BuildError is raised, with the
    problems of all of them, and every old file stays whole. `say` is told each lesson that was built.
    """
    wanted = list(lessons)
    _config(course)
    stale = wanted if force else freshness.stale(course, wanted)
    if force:
        for name in stale:
            remembered.forget(course.root, name)
    changed: dict[str, list[str]] = {name: [] for name in wanted}
    if stale:
        with aside_of(course) as aside:
            _make_all(course, stale, aside, say)
            for name in stale:
                changed[name] = _put_in_place(aside, course.root, name)
        freshness.stamp(course, stale)
    return changed


@contextmanager
def aside_of(course: Course) -> Iterator[Path]:
    """A temporary folder beside the course's own source/ and release/, with its nbgrader_config.py."""
    config = _config(course)
    aside = Path(tempfile.mkdtemp(prefix=".build-", dir=course.root))
    try:
        shutil.copy(config, aside / CONFIG)
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _config(course: Course) -> Path:
    path = course.root / CONFIG
    if not path.exists():
        raise CourseError(f"{path} is missing. Copy it from another course of this kind.")
    return path


def _make_all(course: Course, lessons: list[str], aside: Path, say: Callable[[str], None]) -> None:
    problems: list[Problem] = []
    surroundings = freshness.surroundings(course)
    for name, failed in each_lesson(partial(_make, course, aside, surroundings), lessons):
        if isinstance(failed, LessonError):
            problems += failed.problems
        elif failed:
            raise failed
        say(name)
    if problems:
        raise LessonError(*problems)


def _make(course: Course, aside: Path, surroundings: bytes, name: str) -> None:
    """Build one lesson into `aside`. A proof that fails is an error, as is a formula that cannot be shown."""
    ready = prepare(course.path(name), Remembered(course.root, name, surroundings))
    wrong, _ = formulas.problems(ready.text, ready.pictures)
    if wrong:
        raise LessonError(*wrong)
    for one in ready.evaluated:
        evaluate.run(one.text.proof, dict(one.solved))
    write(course, ready, aside)


def write(course: Course, ready: Prepared, aside: Path) -> None:
    """The notebooks and lesson.json of one lesson, below `aside`. Raises LessonError, BuildError."""
    nbformat = lean_nbformat()
    name = ready.text.id
    sealed = sealing.seal_lesson(ready.text, ready.evaluated)
    notebook = notebook_of(ready.text, ready.evaluated, ready.pictures, course.worked_open, course.repository)
    nbformat.validate(notebook)
    folder = aside / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    data = catalog.to_json(sealed, sealing.salt_of(name))
    (folder / catalog.FILE).write_text(
        json.dumps(data, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8"
    )
    release.generate(aside, name)


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
