"""Which folders a job may read: Python's own and the system's, without the course wherever that lies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from autograder.core.errors import GradingError

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store")
DEFAULT_EXCHANGE = "/usr/local/share/nbgrader"
"""nbgrader's own place for the exchange, where everybody's submissions lie, is in a folder of the system."""

_OF_A_PREFIX = (
    "bin", "lib", "lib32", "lib64", "libexec", "include", "share", "etc", "ssl", "plugins", "pyvenv.cfg",
)  # fmt: skip


def python_folders() -> tuple[str, ...]:
    """What this Python needs of its prefixes: a virtual environment may be a course's own folder."""
    prefixes = dict.fromkeys((sys.prefix, sys.base_prefix))
    paths = [os.path.join(prefix, part) for prefix in prefixes for part in _OF_A_PREFIX]  # noqa: PTH118
    return tuple(path for path in paths if Path(path).exists())


def refuse_what_cannot_be_hidden(hidden: Iterable[str], readable: Iterable[str]) -> None:
    """Raise GradingError where a folder that is to be hidden is one that every job has to read."""
    needed = {os.path.realpath(path): path for path in (*SYSTEM, *readable)}
    for path in hidden:
        if (real := os.path.realpath(path)) in needed:
            raise GradingError(
                f"{path} holds the course and is a folder that Python needs ({needed[real]}), so students'"
                " code could read the hidden tests. Move the course to a folder of its own."
            )


def refuse_what_students_could_read(
    private: Iterable[Path], hidden: Iterable[str], readable: Iterable[str]
) -> None:
    """Raise GradingError where a place of the course's lies in a folder that jobs may read.

    Args:
        private: The gradebook, the exchange, and the folders of submissions.
        hidden: Folders that are kept from jobs in any case.
        readable: Folders that jobs may read, besides the system's.
    """
    open_folders = [os.path.realpath(path) for path in (*SYSTEM, *readable)]
    closed = [os.path.realpath(path) for path in hidden]
    for path in private:
        real = os.path.realpath(path)
        if lies_in(real, open_folders) and not lies_in(real, closed):
            raise GradingError(
                f"{path} lies in a folder that students' code may read. Move it out of"
                f" {next(folder for folder in open_folders if lies_in(real, [folder]))}, or grade it with"
                " a Python that is installed elsewhere."
            )


def lies_in(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders or below one. All are without links."""
    return any(path == top or path.startswith(top.rstrip("/") + "/") for top in folders)


def outermost(paths: Iterable[str], below: Sequence[str] = ()) -> list[str]:
    """The paths without those that lie in another one, or in one of `below`."""
    found: list[str] = []
    for path in sorted(set(paths)):
        if not lies_in(path, (*below, *found)):
            found.append(path)
    return found


def without(paths: Iterable[str], hidden: Sequence[str]) -> list[str]:
    """The fewest files and folders that hold all of `paths` and nothing of `hidden`; none is a link.

    What of `paths` is named inside a hidden folder stays: a virtual environment in a course, say.
    """
    given = set(paths)
    found = [one for path in outermost(given) for one in _around(path, hidden)]
    return outermost([*found, *(path for path in given if lies_in(path, hidden))])


def _around(path: str, hidden: Sequence[str]) -> Iterator[str]:
    if lies_in(path, hidden):
        return
    if not any(lies_in(one, [path]) for one in hidden):
        yield path
        return
    with suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            if not entry.is_symlink():
                yield from _around(entry.path, hidden)
