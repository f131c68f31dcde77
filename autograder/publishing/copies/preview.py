"""An author's preview: the lesson as it is on disk now, in a copy of its own that nobody works in.

preview/03-…/    made anew each time, and with it what the author tried in it
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from autograder.authoring.building import build
from autograder.core.errors import CourseError
from autograder.course import course_toml
from autograder.publishing.copies.learner_copy import files_of
from autograder.study import learner_log

FOLDER = "preview"
_OURS = ".preview"
"""A file that says that the folder was made here, and may be made anew."""


def prepare(root: Path, prefix: str, solved: bool, say: Callable[[str], None]) -> Path:
    """Build a lesson where it has changed, and copy it out afresh.

    Args:
        root: the course's folder.
        prefix: the start of the lesson's name.
        solved: the instructor's version in place of the learner's.
        say: told what is done, a line at a time.

    Returns:
        The copy's folder.

    Raises:
        LessonError: with what is wrong in the Markdown; an older version is never shown in its place.
    """
    found = course_toml.read(root)
    (name,) = found.find([prefix])
    build.build(found, [name], lambda built: say(f"built {built}"))
    source = root / ("source" if solved else "release") / name
    home = root / FOLDER
    folder = home / name
    if home.exists() and not (home / _OURS).exists():
        raise CourseError(f"{home} was not made by `autograder preview`. Rename it, then run this again.")
    home.mkdir(exist_ok=True)
    (home / _OURS).touch()
    shutil.rmtree(folder, ignore_errors=True)
    (home / learner_log.FILE).unlink(missing_ok=True)
    for path in files_of(source):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, folder / path)
    return folder
