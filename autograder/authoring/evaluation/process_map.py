"""A map on all of the machine's cores, for functions that cannot be pickled."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from autograder.authoring.evaluation.time_limit import Notes
from autograder.core.errors import LessonError

Item = TypeVar("Item")
Made = TypeVar("Made")

_cores_are_ours: ContextVar[bool] = ContextVar("cores_are_ours", default=True)
_PR_SET_PDEATHSIG = 1


def take_cores(ours: bool) -> None:
    """Say whether this process may use all cores, or others of ours are at work on them."""
    _cores_are_ours.set(ours)


def die_with(parent: int) -> None:
    """End this process when its parent is gone, however that came about. Only Linux knows how."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it went before we asked
            os._exit(1)


def in_parallel(make: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """`[make(item) for item in items]`, each core taking its share in a forked process.

    What `make` returns must be picklable; the first error it raises is raised here. Where processes
    cannot be forked safely (anywhere but Linux), or the cores are at work on other lessons already, it is
    done here, one after another.
    """
    cores = min(os.cpu_count() or 1, len(items))
    if cores < 2 or not _cores_are_ours.get() or not sys.platform.startswith("linux"):
        return [make(item) for item in items]
    with tempfile.TemporaryDirectory(prefix="lesson-code-") as folder:
        forks = [_forked(make, items[share::cores], Path(folder) / str(share)) for share in range(1, cores)]
        try:
            shares = [_done(make, items[0::cores])]
            shares += [_received(fork) for fork in forks]
        finally:
            for fork in forks:
                _ended(fork)
    errors = [error for _, error in shares if error]
    if errors:
        raise errors[0]
    return [shares[number % cores][0][number // cores] for number in range(len(items))]


Share = tuple[list[Made], Exception | None]


class _Fork(NamedTuple, Generic[Made]):
    """A process that makes `Made`s, the reading end of its pipe, and what it leaves behind."""

    pipe: int
    process: int
    notes: Notes


def _done(make: Callable[[Item], Made], items: Sequence[Item]) -> Share[Made]:
    try:
        return [make(item) for item in items], None
    except Exception as error:
        return [], error


def _forked(make: Callable[[Item], Made], items: Sequence[Item], file: Path) -> _Fork[Made]:
    read, write = os.pipe()
    notes, parent = Notes(file), os.getpid()
    process = os.fork()
    if process:
        os.close(write)
        return _Fork(read, process, notes)
    try:
        die_with(parent)
        notes.keep()
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(_done(make, items), pipe)
    finally:
        os._exit(0)


def _received(fork: _Fork[Made]) -> Share[Made]:
    try:
        with os.fdopen(fork.pipe, "rb", closefd=False) as stream:
            share: Share[Made] = pickle.load(stream)  # our own process's, from our own code
            return share
    except EOFError:
        left = fork.notes.read()
        died = RuntimeError("a process that evaluates the lesson died")
        return [], LessonError(left) if left else died


def _ended(fork: _Fork[Made]) -> None:
    os.close(fork.pipe)
    # Of no use any more where it is still at work: an error has been met before it was done.
    with contextlib.suppress(ProcessLookupError):
        os.kill(fork.process, signal.SIGKILL)
    os.waitpid(fork.process, 0)
