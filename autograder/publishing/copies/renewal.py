"""A new version put in the place of a learner's copy: all of it or nothing, whenever it is stopped.

What shall be there is first made whole under work/.renew/. Then the notebook is moved, in one step: before
it nothing has changed, and from there on `finish` can complete the rest at any time.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.course import lesson_json
from autograder.publishing.copies.learner_copy import Copy, files_of

_IGNORED = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")


def renew(copy: Copy, notebook: bytes | None = None, read: bytes | None = None) -> None:
    """Put the release in the place of a learner's copy.

    A file beside the notebook stays as the learner changed it, where the lesson has not changed it as well.

    Args:
        copy: the learner's copy.
        notebook: stands in the place of the released notebook, where given.
        read: the learner's notebook as it was when `notebook` was made from it.

    Raises:
        CourseError: where the learner's notebook has been saved since; nothing is changed then.
    """
    stage = _stage_of(copy)
    stage.parent.mkdir(parents=True, exist_ok=True)
    _discard(stage)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=stage.parent))
    try:
        _copy(copy.release, making / "begun", files_of(copy.release))
        wanted = [path for path in files_of(copy.release) if path not in kept_files(copy)]
        _copy(copy.release, making / "copy", wanted)
        if notebook is not None:
            (making / "copy" / copy.notebook.name).write_bytes(notebook)
        making.rename(stage)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    copy.folder.mkdir(exist_ok=True)
    if read is not None and copy.notebook.read_bytes() != read:
        _discard(stage)
        raise CourseError(
            f"{copy.notebook} was saved while its work was carried over, so nothing was changed. Close it in"
            " JupyterLab, then run the same command again."
        )
    os.replace(stage / "copy" / copy.notebook.name, copy.notebook)
    _complete(copy)


def changed_files(copy: Copy) -> list[Path]:
    """The files of the lesson beside the notebook that the learner has changed, as far as that is known."""
    return [
        path
        for path in files_of(copy.release)
        if path.suffix != ".ipynb"
        and path != Path(lesson_json.FILE)
        and copy.base is not None
        and (copy.begun / path).is_file()
        and (copy.folder / path).is_file()
        and not _same(copy.begun / path, copy.folder / path)
    ]


def kept_files(copy: Copy) -> list[Path]:
    """Those of them that the lesson has not changed: they stay as the learner has them."""
    return [path for path in changed_files(copy) if _same(copy.begun / path, copy.release / path)]


def finish(copies: Iterable[Copy]) -> None:
    """Complete what was stopped midway; what had not begun to be put in place is thrown away."""
    for copy in copies:
        stage = _stage_of(copy)
        if (stage / "copy" / copy.notebook.name).exists():
            _discard(stage)
        elif stage.exists():
            _complete(copy)
        for home in (stage.parent, copy.work / "before"):
            for left in home.glob(".making-*"):
                shutil.rmtree(left, ignore_errors=True)


def keep_before(copy: Copy) -> Path:
    """Keep the learner's folder as it is below work/before/; returns where."""
    home = copy.work / "before"
    home.mkdir(exist_ok=True)
    names = (
        f"{copy.name}-{copy.began or 'unversioned'}{n}" for n in ("", *map("-{}".format, range(2, 1000)))
    )
    for target in (home / name for name in names):
        if not target.exists():
            making = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
            try:
                shutil.copytree(copy.folder, making / "x", symlinks=True, ignore=_IGNORED)
                (making / "x").rename(target)
            finally:
                shutil.rmtree(making, ignore_errors=True)
            return target
        if _same_folder(copy.folder, target):
            return target  # an update that was stopped had kept it already
    raise CourseError(f"{home} holds a thousand copies of {copy.name}. Move those away that you do not need.")


def restore(copy: Copy, source: Path) -> None:
    """Put back from `source` a lesson.json that is not the notebook's, and files that are missing."""
    for path in files_of(source):
        target = copy.folder / path
        is_data = path == Path(lesson_json.FILE)
        if path.suffix == ".ipynb" and len(path.parts) == 1:
            continue
        if not target.exists() or (is_data and not _same(source / path, target)):
            _copy_file(source / path, target)


def remember(copy: Copy) -> None:
    """Keep the release as what the copy began with, where that is not kept yet."""
    stage = _stage_of(copy)
    stage.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=stage.parent))
    try:
        _copy(copy.release, making / "begun", files_of(copy.release))
        shutil.rmtree(copy.begun, ignore_errors=True)
        copy.begun.parent.mkdir(exist_ok=True)
        (making / "begun").rename(copy.begun)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _complete(copy: Copy) -> None:
    """All that follows once the notebook is in place; it may be run again wherever it was stopped."""
    stage = _stage_of(copy)
    if (stage / "begun").exists():
        new = set(files_of(stage / "begun"))
        for path in files_of(copy.begun):
            gone = path not in new and path.suffix != ".ipynb"
            if gone and (copy.folder / path).is_file() and _same(copy.begun / path, copy.folder / path):
                (copy.folder / path).unlink()
        for path in files_of(stage / "copy"):
            (copy.folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(stage / "copy" / path, copy.folder / path)
        shutil.rmtree(copy.begun, ignore_errors=True)
        copy.begun.parent.mkdir(exist_ok=True)
        (stage / "begun").rename(copy.begun)
    shutil.rmtree(stage)


def _stage_of(copy: Copy) -> Path:
    return copy.work / ".renew" / copy.name


def _discard(stage: Path) -> None:
    """Throw a stage away; its name is free in one step, so that no half of it is ever completed."""
    if stage.exists():
        away = Path(tempfile.mkdtemp(prefix=".making-", dir=stage.parent))
        stage.rename(away / "x")
        shutil.rmtree(away, ignore_errors=True)


def _copy(source: Path, target: Path, paths: Iterable[Path]) -> None:
    target.mkdir(parents=True)
    for path in paths:
        _copy_file(source / path, target / path)


def _copy_file(source: Path, target: Path) -> None:
    """Content alone: a learner can write their copy, also where the course's files are read-only."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        shutil.copyfile(source, name)
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _same(one: Path, other: Path) -> bool:
    return filecmp.cmp(one, other, shallow=False)


def _same_folder(one: Path, other: Path) -> bool:
    paths = files_of(one)
    return paths == files_of(other) and all(_same(one / path, other / path) for path in paths)
