"""A map over the machine's cores, for functions that cannot be pickled."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_parallel(make: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """`[make(item) for item in items]`, each core taking its share in a forked process.

    What `make` returns must be picklable; the first error it raises is raised here. Where processes
    cannot be forked safely (anywhere but Linux), it is done here, one after another.
    """
    cores = min(os.cpu_count() or 1, len(items))
    if cores < 2 or not sys.platform.startswith("linux"):
        return [make(item) for item in items]
    pipes = [_forked(make, items[share::cores]) for share in range(1, cores)]
    shares = [_done(make, items[0::cores])]
    shares += [_received(pipe, process) for pipe, process in pipes]
    made: list[Any] = [None] * len(items)
    errors = [error for _, error in shares if error]
    if errors:
        raise errors[0]
    for share, (results, _) in enumerate(shares):
        made[share::cores] = results
    return made


Share = tuple[list[Any], Exception | None]


def _done(make: Callable[[Item], Made], items: Sequence[Item]) -> Share:
    try:
        return [make(item) for item in items], None
    except Exception as error:
        return [], error


def _forked(make: Callable[[Item], Made], items: Sequence[Item]) -> tuple[int, int]:
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        return read, process
    try:
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(_done(make, items), pipe)
    finally:
        os._exit(0)


def _received(pipe: int, process: int) -> Share:
    try:
        with os.fdopen(pipe, "rb") as stream:
            share: Share = pickle.load(stream)  # our own process's, from our own code
    except EOFError:
        share = [], RuntimeError("a process that evaluates the lesson died")
    finally:
        os.waitpid(process, 0)
    return share
