"""Lessons -> source/ and release/: built aside, then put in place, so that a failed build changes nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from autograder.authoring.building import fingerprints, formulas, kept_pictures, release, sealing, settings
from autograder.authoring.building.notebook import notebook_of
from autograder.authoring.building.placement import (
    Placed,
    files_in,
    left_in,
    put_in_place,
    refuse_to_overwrite,
)
from autograder.authoring.evaluation import evaluate, value_cache, workplace
from autograder.authoring.evaluation.prepare import Prepared, prepare
from autograder.authoring.evaluation.time_limit import allowed
from autograder.authoring.evaluation.value_cache import Remembered
from autograder.authoring.evaluation.workers import each_lesson
from autograder.authoring.format import card_ids, lesson_files
from autograder.core.errors import BuildError, LessonError, Problem
from autograder.core.lazy_imports import lean_nbformat
from autograder.course import lesson_json, version
from autograder.course.course_toml import Course


def build(
    course: Course,
    lessons: Iterable[str],
    say: Callable[[str], None] = lambda _: None,
    force: bool = False,
) -> dict[str, Placed]:
    """Build lessons into source/ and release/.

    All are built in a temporary folder first, on all cores, and moved into place when none has failed. Only
    files that an earlier build made are removed or overwritten.

    Args:
        course: The course.
        lessons: The names of the lessons.
        say: Called with the name of each lesson that is in place.
        force: Also build lessons of which nothing has changed since their last build, and run every wrong
            implementation again.

    Returns:
        By lesson, the files that were written, removed, and left because no build made them.

    Raises:
        LessonError: Lessons break the format, or their code fails; it holds the problems of all of them.
        BuildError: A lesson cannot be made into notebooks, or another file is in the way.
    """
    wanted = list(lessons)
    stale = wanted if force else fingerprints.stale(course, wanted)
    if force:
        for name in stale:
            value_cache.forget(course.root, name)
    placed = {name: Placed() for name in wanted}
    if stale:
        with aside_of(course) as aside:
            _make_all(course, stale, aside)
            refuse_to_overwrite(aside, course.root, stale)
            for name in stale:
                placed[name] = put_in_place(aside, course.root, name)
                say(name)
        fingerprints.stamp(course, stale)
    return {name: replace(placed[name], left=left_in(course.root, name)) for name in wanted}


@contextmanager
def aside_of(course: Course) -> Iterator[Path]:
    """A temporary folder beside the course's own source/ and release/, with its nbgrader_config.py."""
    aside = Path(tempfile.mkdtemp(prefix=".build-", dir=course.root))
    try:
        (aside / settings.CONFIG).write_bytes(settings.text_of(course))
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _make_all(course: Course, lessons: list[str], aside: Path) -> None:
    problems: list[Problem] = []
    surroundings = fingerprints.surroundings(course)
    for _, failed in each_lesson(partial(_make, course, aside, surroundings), lessons):
        if isinstance(failed, LessonError):
            problems += failed.problems
        elif failed:
            raise failed
    if problems:
        raise LessonError(*problems)


def _make(course: Course, aside: Path, surroundings: bytes, name: str) -> None:
    """Build one lesson into `aside`. A proof that fails is an error, as is a formula that cannot be shown."""
    files = lesson_files.digests(lesson_files.files_of(course.path(name)))
    known = Remembered(course.root, name, surroundings + json.dumps(files).encode())
    with allowed(course.seconds), workplace.opened(course.path(name)):
        ready = prepare(course.path(name), known)
        card_ids.keeps_its_cards(ready.text.path, ready.text.cells)
        wrong, _ = formulas.problems(ready.text, ready.pictures)
        if wrong:
            raise LessonError(*wrong)
        for one in ready.evaluated:
            evaluate.prove(one)
    write(course, ready, aside)


def write(course: Course, ready: Prepared, aside: Path) -> None:
    """Write the notebooks, lesson.json and files of one lesson.

    Args:
        course: The course, for its settings.
        ready: The lesson with its values and pictures.
        aside: The folder in which source/ and release/ are written.

    Raises:
        LessonError: A value cannot be an answer.
        BuildError: nbgrader cannot make the release, or leaves a file out of it.
    """
    nbformat = lean_nbformat()
    name = ready.text.id
    sealed = sealing.seal_lesson(ready.text, ready.evaluated)
    pictures = kept_pictures.kept(ready.pictures, course.root / "source" / name / f"{name}.ipynb")
    notebook = notebook_of(ready.text, ready.evaluated, pictures, course.worked_open, course.repository)
    nbformat.validate(notebook)
    folder = aside / "source" / name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    files = lesson_files.files_of(course.path(name))
    for file, path in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / file)
    data = lesson_json.to_json(sealed, sealing.salt_of(name), lesson_files.digests(files))
    (folder / lesson_json.FILE).write_text(
        json.dumps(data, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8"
    )
    version.stamp(folder)
    release.generate(aside, name)
    lost = set(files_in(folder)) - set(files_in(aside / "release" / name))
    if lost:
        raise BuildError(
            f"{settings.CONFIG} keeps {min(lost)!r} of lessons/{name}/ out of the release. Change its"
            " CourseDirectory.ignore, or rename the file."
        )
