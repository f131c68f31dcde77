"""Finding and ending what a job left running, where no process namespace does it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_PATIENCE = 2.0  # seconds for a job that forks as fast as it is killed


def children_of(pid: int) -> list[int]:
    """The children of a process, zombies too; none when it is gone."""
    folder = Path("/proc") / str(pid) / "task"
    found: list[int] = []
    with suppress(OSError):
        for task in folder.iterdir():
            with suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descendants_of(pid: int) -> Iterator[int]:
    """The process and everything below it."""
    seen = {pid}
    waiting = [pid]
    while waiting:
        pid = waiting.pop()
        yield pid
        new = [child for child in children_of(pid) if child not in seen]
        seen.update(new)
        waiting += new


def sweep(is_leftover: Callable[[int], bool], uid: int | None = None) -> bool:
    """End every orphan that this process has adopted and `is_leftover` names, with all below it.

    `uid`: the user that only this job has; its processes are then ended all at once. True when nothing is
    left; False when a job still forks faster than it can be killed after 2 seconds.
    """
    deadline = time.monotonic() + _PATIENCE
    while orphans := [pid for pid in children_of(os.getpid()) if is_leftover(pid)]:
        if uid is not None:
            _end_all_of(uid)
        for orphan in orphans:
            for pid in descendants_of(orphan):
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
        for orphan in orphans:
            with suppress(ChildProcessError):
                os.waitpid(orphan, 0)
        if time.monotonic() > deadline:
            return False
    return True


def _end_all_of(uid: int) -> None:
    """One signal to all processes of a user: nothing can fork away from it."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
