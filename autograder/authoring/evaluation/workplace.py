"""Where a lesson's code runs: in a copy of the lesson's folder, whose modules it can import.

So it finds at the build what a learner's notebook finds, and nothing else, and cannot change the author's
files. Modules of the folder are its own: another lesson may have one of the same name, and so may a library.
"""

from __future__ import annotations

import importlib
import io
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType

from autograder.authoring.format import lesson_files

_open: dict[Path, _Place] = {}
"""The places that are open in this process, by their lesson's path; a forked process has its parent's."""


class _Place:
    """The copy of one lesson's folder, and the modules that its code has imported from there."""

    def __init__(self, lesson: Path, folder: Path):
        files = lesson_files.files_of(lesson)
        self.folder = folder
        self.names = lesson_files.modules_in(files)
        self.modules: dict[str, ModuleType] = {}
        for name, path in files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def swap(self, others: dict[str, ModuleType]) -> dict[str, ModuleType]:
        """Let `others` be imported under the names of this place's modules; returns what was."""
        ours = [name for name in sys.modules if name.partition(".")[0] in self.names]
        was = {name: sys.modules.pop(name) for name in ours}
        sys.modules.update(others)
        return was


@contextmanager
def opened(lesson: Path, anew: bool = False) -> Iterator[None]:
    """Keep the workplace of the lesson whose Markdown is `lesson` until the end; it may be open already.

    With `anew` it is one of its own all the same, for code that starts from the beginning once more: what
    it writes and what it imports is not what other code finds.

    Raises LessonError where a file of the lesson cannot be taken.
    """
    outer = _open.get(lesson)
    if outer and not anew:
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="lesson-")).resolve()
    owner = os.getpid()
    try:
        _open[lesson] = _Place(lesson, folder)
        yield
    finally:
        if os.getpid() == owner:
            _open.pop(lesson, None)
            if outer:
                _open[lesson] = outer
            sys.path_importer_cache.pop(str(folder), None)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def at_work(lesson: Path) -> Iterator[None]:
    """Run the lesson's code in here: its folder is the current one, and the first that imports look in.

    Other code must not run meanwhile: it could import a module of the lesson in place of a library's.
    """
    with opened(lesson):
        place = _open[lesson]
        home, path, bytecode = Path.cwd(), list(sys.path), sys.dont_write_bytecode
        others = place.swap(place.modules)
        sys.path.insert(0, str(place.folder))
        sys.dont_write_bytecode = True
        os.chdir(place.folder)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            os.chdir(home)
            sys.path[:], sys.dont_write_bytecode = path, bytecode
            place.modules = place.swap(others)


def advice(error: BaseException) -> str:
    """What to do besides, where code of a lesson looked for a file or a module in vain; else ''."""
    if isinstance(error, FileNotFoundError | ModuleNotFoundError):
        return " It runs in a copy of lessons/NN-name/: what it reads or imports must lie in that folder."
    return ""


@contextmanager
def quiet() -> Iterator[None]:
    """Within this block code prints and warns to nobody."""
    nowhere = io.StringIO()
    with (
        warnings.catch_warnings(),
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        warnings.simplefilter("ignore")
        yield
