"""Moves built files into place: removes and overwrites only files that an earlier build made.

What was made is known from the lesson.json that stands in the built folder: it names the files that were
built beside it, with a digest of each. So the list travels with the folder through git and a clone, and a
file that a person put there, or changed there, is told from one that a build made.
"""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.authoring.format.lesson_files import digest
from autograder.authoring.format.portable_names import is_ignored
from autograder.core.errors import BuildError
from autograder.course import lesson_json

KINDS = ("source", "release")


@dataclass(frozen=True)
class Placed:
    """Files relative to the course: those written, those removed, and those left that no build made."""

    wrote: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def files_in(folder: Path) -> list[str]:
    """Every file below `folder` by its path in it, written with /; but for caches and hidden ones."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    names = (PurePosixPath(*path.parts) for path in found)
    return sorted(str(name) for name in names if not is_ignored(name))


class Made:
    """What of a built folder a build made, and nobody changed since: `name in Made(folder)`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._digests = lesson_json.files_beside(folder / lesson_json.FILE)

    def __contains__(self, name: str) -> bool:
        if name in (f"{self.folder.name}.ipynb", lesson_json.FILE):
            return True
        path = self.folder / name
        plain = name in self._digests and path.is_file() and not path.is_symlink()
        return plain and digest(path) == self._digests[name]


def refuse_to_overwrite(aside: Path, root: Path, lessons: Iterable[str]) -> None:
    """Refuse to overwrite files that no build made.

    Args:
        aside: The folder with the newly built source/ and release/.
        root: The folder of the course.
        lessons: The names of the lessons that were built.

    Raises:
        BuildError: A new file would take the place of one that no build made, or that somebody changed.
    """
    for name in lessons:
        for kind in KINDS:
            for path in _in_the_way(aside / kind / name, root / kind / name):
                raise BuildError(
                    f"{path} is in the way: the build did not make it, or somebody changed it since. Files of"
                    f" the lesson belong in lessons/{name}/. Move it away, then build again."
                )


def _in_the_way(new: Path, old: Path) -> Iterator[Path]:
    made = Made(old)
    for file in files_in(new):
        target = old / file
        for above in list(PurePosixPath(file).parents)[:-1]:  # a file, where a folder is to be
            place = old / above
            if place.is_symlink() or (place.is_file() and str(above) not in made):
                yield place
        if target.is_symlink():
            yield target
        elif target.is_dir():  # where a file is to be: it makes room if all of it was built
            yield from (target / inner for inner in files_in(target) if f"{file}/{inner}" not in made)
        elif target.is_file() and file not in made and not filecmp.cmp(new / file, target, shallow=False):
            yield target


def put_in_place(aside: Path, root: Path, name: str) -> Placed:
    """Replace the built files of one lesson that differ. Call `refuse_to_overwrite` first.

    Args:
        aside: The folder with the newly built source/ and release/.
        root: The folder of the course.
        name: The name of the lesson.

    Returns:
        The files that were written and removed, relative to `root`.
    """
    wrote: list[str] = []
    removed: list[str] = []
    for kind in KINDS:
        new, old = aside / kind / name, root / kind / name
        old.mkdir(parents=True, exist_ok=True)
        fresh, made = files_in(new), Made(old)
        for file in files_in(old):
            if file not in fresh and file in made:
                (old / file).unlink()
                _remove_empty(old, (old / file).parent)
                removed.append(f"{kind}/{name}/{file}")
        # lesson.json is the list of what was made: it comes last, so that a build that was killed is known.
        for file in sorted(fresh, key=lambda file: file == lesson_json.FILE):
            target = old / file
            if target.exists() and filecmp.cmp(new / file, target, shallow=False):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(new / file, target)
            wrote.append(f"{kind}/{name}/{file}")
    return Placed(tuple(wrote), tuple(removed))


def _remove_empty(top: Path, folder: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def left_in(root: Path, name: str) -> tuple[str, ...]:
    """The files in a lesson's built folders that no build made, relative to `root`."""
    found: list[str] = []
    for kind in KINDS:
        folder = root / kind / name
        made = Made(folder)
        found += [f"{kind}/{name}/{file}" for file in files_in(folder) if file not in made]
    return tuple(found)
