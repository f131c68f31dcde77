"""The files of a lesson: all that lies in lessons/NN-name/, beside lessons/NN-name.md.

They stand beside the built notebook under the same paths. What nobody means (hidden files, caches) is passed
over; what would not arrive everywhere is refused.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from autograder.authoring.format.portable_names import is_ignored, objection, same_name
from autograder.core.errors import LessonError, Problem

LARGEST = 5 << 20
"""Bytes of one file."""
LARGEST_TOGETHER = 16 << 20
"""Bytes of a lesson's files together: they travel with every copy and into every sandbox."""

Files = Mapping[str, Path]
"""The files by their path within the folder, written with /."""


def folder_of(lesson: Path) -> Path:
    """The folder of the lesson whose Markdown is `lesson`; it need not exist."""
    return lesson.with_suffix("")


def files_of(lesson: Path) -> Files:
    """The files of the lesson whose Markdown is `lesson`, sorted. Raises LessonError with every problem."""
    folder = folder_of(lesson)
    if folder.is_symlink():
        raise LessonError(_link(folder))
    problems: list[Problem] = []
    found: dict[str, Path] = {}
    names: dict[str, str] = {}
    size = 0
    for path, name in _all(folder):
        if is_ignored(name):
            continue
        problem, bytes_ = _looked_at(path, name, lesson.stem)
        other = names.setdefault(same_name(name), str(name))
        if not problem and other != str(name):
            words = f"on Windows or a Mac this and {other!r} are one file"
            problem = Problem(path, 1, words, "Rename one of them.")
        if problem:
            problems.append(problem)
            continue
        found[str(name)] = path
        size += bytes_
    if size > LARGEST_TOGETHER:
        words = f"the lesson's files are larger than {LARGEST_TOGETHER >> 20} MB together"
        problems.append(
            Problem(folder, 1, words, "Leave rows out, or compress: every learner gets them all.")
        )
    if problems:
        raise LessonError(*problems)
    return dict(sorted(found.items()))


def _all(folder: Path) -> Iterator[tuple[Path, PurePosixPath]]:
    """Everything but folders that lies below `folder`; a link is not followed."""
    for home, folders, names in os.walk(folder):
        links = [name for name in folders if Path(home, name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links))
        for name in sorted((*links, *names)):
            path = Path(home, name)
            yield path, PurePosixPath(*path.relative_to(folder).parts)


def _looked_at(path: Path, name: PurePosixPath, lesson: str) -> tuple[Problem | None, int]:
    about, shown = path.lstat(), Path(os.fsencode(path).decode("utf-8", "backslashreplace"))
    if stat.S_ISLNK(about.st_mode):
        return _link(path), 0
    if not stat.S_ISREG(about.st_mode):
        return Problem(path, 1, "this is no file that could be copied", "Take it out of the folder."), 0
    if wrong := objection(name, lesson):
        return Problem(shown, 1, *wrong), 0
    if about.st_size > LARGEST:
        words = f"this file is larger than {LARGEST >> 20} MB"
        return Problem(path, 1, words, "Leave rows out, or compress: every learner gets it."), 0
    if not os.access(path, os.R_OK):
        return Problem(path, 1, "this file may not be read", "Give yourself the right to read it."), 0
    return None, about.st_size


def _link(path: Path) -> Problem:
    remedy = "Put the file itself there: a link may lead out of the folder, and is lost in a zip."
    return Problem(path, 1, "this is a link", remedy)


def digests(files: Files) -> dict[str, str]:
    """A digest of each file's content, by its path within the folder."""
    return {name: digest(path) for name, path in files.items()}


def digest(path: Path) -> str:
    """A digest of one file's content, as lesson.json holds it."""
    return hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()


def modules_in(files: Files) -> frozenset[str]:
    """The names under which Python can import something of these files."""
    tops = (PurePosixPath(name).parts[0].removesuffix(".py") for name in files if name.endswith(".py"))
    return frozenset(top for top in tops if top.isidentifier())
