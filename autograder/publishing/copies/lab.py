"""A learner's desk: copies of the released lessons that always fit together, opened in JupyterLab.

A copy is a pair, the notebook and the lesson.json that it began with. One that the learner has not touched
is replaced by a newer release; one that they have begun stays, whole, until they ask for the new version.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.core.messages import counted
from autograder.core.model import Lesson
from autograder.course import lesson_json
from autograder.course.course_toml import one_of
from autograder.grading.submission.notebook_file import Unreadable
from autograder.publishing.copies import carrying, jupyterlab, renewal
from autograder.publishing.copies.learner_copy import Copy, State

Say = Callable[[str], None]
"""Told a line for the learner."""


def released(root: Path, prefix: str) -> Lesson:
    """The lesson in root/release whose name starts with `prefix`. Raises CourseError."""
    return lesson_json.read(root / "release" / _name(root, prefix) / lesson_json.FILE)


def every_released(root: Path) -> list[Lesson]:
    """Every lesson in root/release, in order. Raises CourseError."""
    return [lesson_json.read(root / "release" / name / lesson_json.FILE) for name in _names(root)]


def _name(root: Path, prefix: str) -> str:
    return one_of(_names(root), prefix, "lesson in release/")


def _names(root: Path) -> list[str]:
    names = sorted(path.parent.name for path in (root / "release").glob(f"*/{lesson_json.FILE}"))
    if not names:
        raise CourseError(f"{root / 'release'} holds no lesson. Run: autograder build")
    return names


def copy_out(root: Path, say: Say = lambda line: None, prefix: str | None = None) -> Path:
    """Bring work/ in order: every released lesson is there, and each copy's files fit together.

    Nothing that a learner wrote is changed.

    Args:
        root: the course's folder.
        say: told a line for each copy whose lesson has changed since.
        prefix: the start of a lesson's name, to be told of that one alone.

    Returns:
        The folder work/.
    """
    chosen = _name(root, prefix) if prefix else ""
    work = root / "work"
    copies = _copies(root)
    renewal.finish(copies)
    renewed = []
    for copy in copies:
        if copy.state in (State.MISSING, State.UNTOUCHED):
            if copy.state is State.UNTOUCHED:
                renewed.append(copy.name)
            elif _changed_on_both_sides(copy):
                renewal.keep_before(copy)
            renewal.renew(copy)
        elif copy.state is State.SAME:
            if copy.base is None:
                renewal.remember(copy)
            renewal.restore(copy, copy.release)
        else:
            if copy.base is not None or copy.state is State.UNREADABLE:
                renewal.restore(copy, copy.begun)
            if not chosen or copy.name == chosen:
                say(_line(copy))
    if renewed:
        words = "1 lesson has" if len(renewed) == 1 else f"{len(renewed)} lessons have"
        say(f"{words} changed and you had not begun there: you have the new version.")
    return work


def _copies(root: Path) -> list[Copy]:
    return [Copy(root / "work", root / "release" / name) for name in _names(root)]


def _line(copy: Copy) -> str:
    """What is known of a copy of another version."""
    update = f"To bring your work into the new version: autograder lab {copy.name[:2]} --update"
    title = _title(copy)
    if copy.state is State.UNREADABLE:
        return f"{title}: {copy.notebook} cannot be read. Rename it; the next `lab` gives you a new one."
    if copy.base is not None:
        return f"{title}, has changed since you began it; it opens as you began it. {update}"
    try:
        fits = copy.began and lesson_json.read(copy.folder / lesson_json.FILE).version == copy.began
    except CourseError:
        fits = False
    if fits:
        return f"{title}, has changed since you began it; it opens as you began it. {update}"
    return (
        f"{title}, has changed since you began it, and it is not known whether the lesson.json beside your"
        f" notebook fits it, so a check may call a right answer wrong. {update}"
    )


def _title(copy: Copy) -> str:
    return f"Lesson {int(copy.name[:2])}, {lesson_json.read(copy.release / lesson_json.FILE).title}"


def update(root: Path, prefix: str | None, say: Say) -> None:
    """Carry the learner's work into the newest version. The copy as it was is kept below work/before/.

    Args:
        root: the course's folder.
        prefix: the start of a lesson's name; None for all lessons.
        say: told what was done, a line at a time.

    Raises:
        CourseError: where a notebook is open in JupyterLab or cannot be read; nothing is changed then.
    """
    copies = _copies(root)
    chosen = [copy for copy in copies if not prefix or copy.name == _name(root, prefix)]
    renewal.finish(copies)
    for copy in chosen:
        if copy.state is State.BEGUN:
            for line in _carry_over(copy):
                say(line)
        elif copy.state is State.UNREADABLE:
            raise CourseError(_line(copy))
        elif copy.state is State.SAME and prefix:
            say(f"{_title(copy)}: your copy is of the newest version already.")


def _carry_over(copy: Copy) -> list[str]:
    """Carry one learner's copy over; returns what to tell of it."""
    if address := jupyterlab.open_at(copy.notebook):
        raise CourseError(
            f"{copy.notebook.name} is open in JupyterLab ({address}). Save it, close it there with File >"
            " Close and Shut Down Notebook, then run the same command again. Nothing was changed."
        )
    read = copy.notebook.read_bytes()
    try:
        carried = carrying.carry(read, copy.released, copy.base, _judged_otherwise(copy))
    except Unreadable as error:
        raise CourseError(f"{copy.notebook}: {error}. Nothing was changed.") from error
    both = _changed_on_both_sides(copy)
    kept = renewal.keep_before(copy)
    renewal.renew(copy, carried.content, read)
    place = kept.relative_to(copy.work.parent)
    lines = [f"{_title(copy)}: your work is in the new version. Your old copy is whole in {place}."]
    lines += [f"  {line}" for line in carried.notes]
    if carried.answers:
        lines.append(f"  {counted(len(carried.answers), 'answer')} carried: {', '.join(carried.answers)}")
    if carried.again:
        names = ", ".join(carried.again)
        lines.append(f"  look again at {names}: the exercise has changed. Run its cells and its check.")
    if carried.own:
        lines.append(f"  {counted(carried.own, 'cell')} of your own carried")
    if carried.edited:
        lines.append(f"  {counted(carried.edited, 'cell')} of the lesson with your changes carried")
    if carried.left_over:
        lines.append(f"  at the notebook's end, for want of a place: {', '.join(carried.left_over)}")
    if carried.unsure:
        lines.append(
            f"  {counted(carried.unsure, 'cell')} of the lesson not as in your copy, which is from before"
            f" lessons had versions: if you had changed them, take what is yours from {place}."
        )
    lines += [f"  {path}: you had changed it, and so has the lesson. Yours is in {place}." for path in both]
    return lines


def _judged_otherwise(copy: Copy) -> set[str]:
    """The exercises that the new lesson.json judges otherwise than the one that the copy began with."""
    try:
        old = json.loads((copy.begun / lesson_json.FILE).read_text(encoding="utf-8"))["exercises"]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    new = json.loads((copy.release / lesson_json.FILE).read_text(encoding="utf-8"))["exercises"]
    return {name for name in new if new[name].get("answers") != old.get(name, {}).get("answers")}


def _changed_on_both_sides(copy: Copy) -> list[Path]:
    """The files beside the notebook of which the learner and the lesson have another version each."""
    return [path for path in renewal.changed_files(copy) if path not in renewal.kept_files(copy)]


def open_lab(root: Path, prefix: str | None, no_browser: bool, say: Say = lambda line: None) -> int:
    """Run JupyterLab on the learner's copies until it is stopped.

    Args:
        root: the course's folder.
        prefix: the start of the name of the lesson to open; None for none.
        no_browser: whether to leave the browser closed.
        say: told what is done on the way, a line at a time.

    Returns:
        JupyterLab's exit code.
    """
    work = copy_out(root, say, prefix)
    name = _name(root, prefix) if prefix else ""
    return jupyterlab.serve(work, f"{name}/{name}.ipynb" if name else "", no_browser)
