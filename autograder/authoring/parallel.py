"""Work on all of the machine's cores: lessons in a pool, and a map for functions that cannot be pickled."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, TypeVar

from autograder.core.errors import AutograderError

Item = TypeVar("Item")
Made = TypeVar("Made")


def each_lesson(
    make: Callable[[str], Made], lessons: Sequence[str]
) -> Iterator[tuple[str, Made | AutograderError]]:
    """(lesson, what `make` returned, or the AutograderError it raised), in order, on all cores.

    `make` and what it returns must be picklable. One lesson alone is made in this process.
    """
    cores = min(os.cpu_count() or 1, len(lessons))
    outcome = partial(_outcome, make)
    if cores < 2:
        yield from zip(lessons, map(outcome, lessons), strict=True)
        return
    with ProcessPoolExecutor(cores) as pool:
        yield from zip(lessons, pool.map(outcome, lessons), strict=True)


def _outcome(make: Callable[[str], Made], lesson: str) -> Made | AutograderError:
    try:
        return make(lesson)
    except AutograderError as error:
        return error


def in_parallel(make: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """`[make(item) for item in items]`, each core taking its share in a forked process.

    What `make` returns must be picklable; the first error it raises is raised here. Where processes
    cannot be forked safely (anywhere but Linux), or the cores are at work on other lessons already, it is
    done here, one after another.
    """
    cores = min(os.cpu_count() or 1, len(items))
    busy = multiprocessing.parent_process() is not None
    if cores < 2 or busy or not sys.platform.startswith("linux"):
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
