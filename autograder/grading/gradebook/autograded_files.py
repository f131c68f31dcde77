"""The folder of autograded notebooks and files that nbgrader's formgrader and feedback read."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.grading.gradebook.course_directory import Classroom

_ASIDE = ".aside"  # how the name of a file ends that is not whole yet


@dataclass(frozen=True)
class Permissions:
    """`files` is the mode of every file; `shared` gives the group its folders too."""

    files: int
    shared: bool


def permissions(classroom: Classroom) -> Permissions:
    """What nbgrader's Autograde would set."""
    from nbgrader.converters import Autograde

    converter = Autograde(coursedir=classroom.folders, config=classroom.config)
    return Permissions(int(str(converter.permissions), 8), bool(classroom.folders.groupshared))


def place(folder: Path, files: Mapping[str, bytes], mode: Permissions) -> None:
    """Make the folder hold exactly these files, each whole or not at all.

    Killed anywhere and called again, it completes.

    Args:
        folder: Made where it is not there.
        files: Contents by relative path.
        mode: What nbgrader's configuration wants.

    Raises:
        OSError: The disk is full, or somebody else's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folders = {folder}
    wanted = set()
    for name, data in files.items():
        path = folder / name
        wanted.add(path)
        if path.parent not in folders:
            _make_folders(folder, path.parent)
            folders.add(path.parent)
        if path.is_dir() and not path.is_symlink():
            _remove_tree(path)
        aside = path.with_name(f".{path.name[:200]}{_ASIDE}")
        aside.unlink(missing_ok=True)
        with aside.open("xb") as file:
            os.fchmod(file.fileno(), mode.files)
            file.write(data)
        os.replace(aside, path)
    _remove_others(folder, wanted)
    if mode.shared:
        _share(folder)


def without_ignored(files: Mapping[str, bytes], ignore: list[str]) -> dict[str, bytes]:
    """The files of which neither the name nor that of a folder above matches one of `ignore`."""
    ignored = re.compile("|".join(map(fnmatch.translate, ignore)) or r"(?!)")
    return {
        name: data for name, data in files.items() if not any(map(ignored.match, PurePosixPath(name).parts))
    }


def share_root(folder: Path, mode: Permissions) -> None:
    """Give the group the folder above all students', where the course is shared."""
    if mode.shared and folder.is_dir():
        _share_one(folder)


def _make_folders(root: Path, folder: Path) -> None:
    """Like mkdir with parents, in place of whatever is no folder on the way."""
    current = root
    for part in folder.relative_to(root).parts:
        current = current / part
        if current.is_symlink() or (current.exists() and not current.is_dir()):
            current.unlink()
        current.mkdir(exist_ok=True)


def _remove_others(folder: Path, wanted: set[Path]) -> None:
    """Remove every file that is not wanted, and every folder that is left empty."""
    for where, folders, names in os.walk(folder, topdown=False):
        here = Path(where)
        for name in (*names, *(one for one in folders if (here / one).is_symlink())):
            if here / name not in wanted:
                (here / name).unlink()
        if here != folder and not any(here.iterdir()):
            here.rmdir()


def _remove_tree(folder: Path) -> None:
    _remove_others(folder, set())
    folder.rmdir()


def _share(folder: Path) -> None:
    for where, _, _ in os.walk(folder):
        _share_one(Path(where))


def _share_one(folder: Path) -> None:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o2770 != 0o2770:
        try:
            folder.chmod(mode | 0o2770)
        except PermissionError:
            return  # another instructor's folder: theirs to share, as in nbgrader
