"""A worker that reads learners' outputs has a limit on its memory."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection

from autograder.grading.dispatch.local_pool import limit_memory

MEGABYTE = 1 << 20


def takes(pipe: Connection, megabytes: int) -> None:
    limit_memory(200 * MEGABYTE)
    try:
        pipe.send(len(bytearray(megabytes * MEGABYTE)))
    except MemoryError:
        pipe.send(0)


def taken(megabytes: int) -> int:
    """How many bytes a process gets that may have 200 MB more."""
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    process = context.Process(target=takes, args=(theirs, megabytes))
    process.start()
    found: int = mine.recv()
    process.join()
    return found


def test_a_process_gets_no_more_than_its_limit() -> None:
    assert taken(50) == 50 * MEGABYTE
    assert taken(400) == 0
