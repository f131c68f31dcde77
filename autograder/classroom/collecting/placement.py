"""One submission into submitted/<student>/<lesson>/: whole or not at all, and never over a newer one."""

from __future__ import annotations

import datetime as dt
import filecmp
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.classroom.collecting.submission_time import Arrival
from autograder.classroom.roster.roster import Learner
from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.submitted_files import (
    TIMESTAMP,
    submitted_files,
    timestamp_of,
    timestamp_text,
)


class Outcome(StrEnum):
    """What became of a submission."""

    NEW = "new"
    REPLACED = "replaced an older one"
    SAME = "already there"
    RETIMED = "already there, its time set"
    KEPT = "left out: a newer one is there"
    UNCERTAIN = "left out: another one is there"
    REFUSED = "left out"


@dataclass(frozen=True)
class Submission:
    """What one learner handed in of one lesson: unpacked files by their paths in the submission's folder."""

    learner: Learner
    lesson: str
    files: Mapping[str, Path]
    arrival: Arrival
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Placement:
    """A submission and what became of it."""

    learner: Learner
    lesson: str
    outcome: Outcome
    arrival: Arrival
    notes: tuple[str, ...]


def place(classroom: Classroom, one: Submission, aside: Path, dry_run: bool) -> Placement:
    """Put a submission where nbgrader looks for it, whole or not at all.

    Args:
        classroom: The course's folder.
        one: The submission.
        aside: An empty folder on the same disk, in which it is made before it is renamed.
        dry_run: Whether to find the outcome without writing.

    Returns:
        The outcome, with what the instructor should know.

    Raises:
        OSError: The disk refused it; the submission that was there is still there.
    """
    target = classroom.path("submitted", one.learner.id, one.lesson)
    outcome, notes = _decide(classroom, one, target)
    if not dry_run:
        if outcome in (Outcome.NEW, Outcome.REPLACED):
            _move(_lay_out(one, aside / "new"), target, aside / "old")
        elif outcome is Outcome.RETIMED and one.arrival.time:
            write_whole(target / TIMESTAMP, timestamp_text(one.arrival.time))
    return Placement(one.learner, one.lesson, outcome, one.arrival, (*one.notes, *notes))


def _decide(classroom: Classroom, one: Submission, target: Path) -> tuple[Outcome, tuple[str, ...]]:
    if not is_inside(classroom.root, target):
        return Outcome.REFUSED, (f"{target} leads out of the course: take the link away",)
    if not target.exists():
        return Outcome.NEW, ()
    if not target.is_dir():
        return Outcome.REFUSED, (f"{target} is in the way: it is no folder",)
    stamp, new = timestamp_of(target), one.arrival.time
    if _same(one.files, target):
        corrects = new and new != stamp and (one.arrival.exact or stamp is None or new < stamp)
        return (Outcome.RETIMED if corrects else Outcome.SAME), ()
    there, new = stamp or _clock(target), new or one.arrival.clock
    if new is None:
        return Outcome.UNCERTAIN, ("nothing says which is newer: move the one there away, collect again",)
    if there and new == there and one.arrival.clock:
        # Both were set to the due date; the notebooks' own clocks still tell them apart.
        there, new = _clock(target), one.arrival.clock
    if there and there >= new:
        return Outcome.KEPT, ()
    return Outcome.REPLACED, ()


def is_inside(root: Path, target: Path) -> bool:
    """Whether a path of the course stays in the course, links resolved."""
    return target.resolve().is_relative_to(root.resolve()) and not target.is_symlink()


def _clock(folder: Path) -> dt.datetime | None:
    """When the newest notebook in a folder was last changed."""
    times = [path.stat().st_mtime for path in folder.glob("*.ipynb")]
    return dt.datetime.fromtimestamp(max(times), dt.UTC).replace(tzinfo=None) if times else None


def _same(files: Mapping[str, Path], target: Path) -> bool:
    there = {path.relative_to(target).as_posix(): path for path in submitted_files(target)}
    there.pop(TIMESTAMP, None)
    return there.keys() == files.keys() and all(
        filecmp.cmp(there[name], path, shallow=False) for name, path in files.items()
    )


def _lay_out(one: Submission, folder: Path) -> Path:
    for name, path in one.files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        if one.arrival.clock:
            seconds = one.arrival.clock.replace(tzinfo=dt.UTC).timestamp()
            os.utime(place, (seconds, seconds))
    if one.arrival.time:
        (folder / TIMESTAMP).write_text(timestamp_text(one.arrival.time), encoding="utf-8", newline="\n")
    return folder


def _move(new: Path, target: Path, old: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        os.replace(target, old)
    try:
        os.replace(new, target)
    except BaseException:
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise


def check_home(classroom: Classroom) -> Path:
    """The folder submitted/, which need not exist yet. Raises CourseError where it leads elsewhere."""
    home = classroom.root / classroom.folders.submitted_directory
    if not is_inside(classroom.root, home):
        raise CourseError(f"{home} lies outside the course. Collect writes only within {classroom.root}.")
    return home
