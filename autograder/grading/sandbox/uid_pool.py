"""Users that nobody else has, for jobs that a grading root runs."""

from __future__ import annotations

import fcntl
import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

FIRST = 60000
BLOCK = 64  # as many jobs may run at once under one process
_BLOCKS = 64


@dataclass(frozen=True)
class Block:
    """A range of uids that belongs to this process as long as it holds `lock` open."""

    first: int
    lock: int


def claim(folder: Path = Path("/run")) -> Block:
    """The first block of uids without an account, a process or another claim.

    Raises OSError when there is none or the folder is not writable.
    """
    taken = {entry.pw_uid for entry in pwd.getpwall()} | set(_running())
    for first in range(FIRST, FIRST + BLOCK * _BLOCKS, BLOCK):
        if any(first <= uid < first + BLOCK for uid in taken):
            continue
        path = folder / f"autograder-uids-{first}.lock"
        lock = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return Block(first, lock)
    raise OSError(f"no free users from {FIRST} to {FIRST + BLOCK * _BLOCKS - 1}")


def _running() -> Iterator[int]:
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError, StopIteration, ValueError):
            line = next(line for line in status.read_text().splitlines() if line.startswith("Uid:"))
            yield from (int(field) for field in line.split()[1:])
