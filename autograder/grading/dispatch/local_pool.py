"""Local workers: forked from the engine once everything is imported, fed one submission at a time."""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from autograder.core.errors import GradingError
from autograder.grading.execution.grade_submission import Done, Job, grade
from autograder.grading.execution.worker_cache import WorkerCache
from autograder.grading.forkserver.client import Connection, ForkServer
from autograder.grading.rpc.channel import Broken
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.syscalls import die_with_parent
from autograder.grading.trial.assigned import Assigned

AHEAD = 3
"""So many submissions a worker has before it, so that it need not wait while a batch is written."""
AHEAD_BYTES = 128 << 10
"""Of the submissions that wait in a worker's pipe: less than what it holds (some 200 KiB). Else both sides
could wait for each other, one to give a submission and one to give its result."""
MEMORY = 3 << 30
"""Bytes that a worker may have beyond what it is forked with: what learners' outputs can make of it."""
TRIES = 2
"""So often a submission is tried whose worker died under it."""


class _Worker:
    def __init__(self, connection: Connection, assigned: Assigned, limits: Limits):
        self.connection, self._assigned, self._limits = connection, assigned, limits
        self.jobs: deque[tuple[Job, bytes]] = deque()  # what it has before it; it works on the first
        self.sent = 0  # how many of them are in its hands or its pipe
        context = multiprocessing.get_context("fork")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_work, args=(theirs, self.pipe, connection, assigned, limits), daemon=True
        )
        # A Ctrl-C between the fork and the worker's own word about it would print a traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        theirs.close()

    def give(self, job: Job) -> None:
        """Let it do one more job, when it comes to it."""
        self.jobs.append((job, pickle.dumps(job)))
        self.feed()

    def feed(self) -> None:
        """Send what can be sent without waiting; to a worker that has nothing to do, always one."""
        while self.sent < len(self.jobs):
            waiting = sum(len(data) for _, data in list(self.jobs)[1 : self.sent + 1])
            if self.sent and waiting > AHEAD_BYTES:
                return
            self.pipe.send_bytes(self.jobs[self.sent][1])
            self.sent += 1

    def done(self) -> None:
        """It has answered its first job."""
        self.jobs.popleft()
        self.sent -= 1
        self.feed()

    def replaced(self) -> _Worker:
        """A new worker on the same connection, with nothing to do yet."""
        return _Worker(self.connection, self._assigned, self._limits)

    def stop(self) -> None:
        """End it: at once where it has work left, since nobody waits for that any more."""
        if self.jobs:
            self.process.kill()
        with contextlib.suppress(OSError):
            self.pipe.send(None)
            self.pipe.close()
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _work(pipe: Pipe, other: Pipe, connection: Connection, assigned: Assigned, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    other.close()
    engine = os.getppid()
    with contextlib.suppress(AttributeError, OSError):
        die_with_parent()  # also in the middle of a submission; Linux only
    limit_memory(MEMORY)
    cache = WorkerCache()
    while True:
        try:
            # Other workers hold this pipe too, so its end does not show that the engine is gone.
            while not pipe.poll(1.0):
                if os.getppid() != engine:
                    return
            job = pipe.recv()
        except (EOFError, OSError):
            return
        if job is None:
            return
        try:
            pipe.send(grade(job, assigned, limits, connection, cache))
        except (Broken, BrokenPipeError, ConnectionResetError):
            return  # without a fork server or an engine nothing can be done; the pool sees the worker end


def limit_memory(more: int) -> None:
    """Let this process have `more` bytes than it has now, where the system knows how much that is."""
    with contextlib.suppress(OSError, ValueError, ImportError):
        import resource

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def run(jobs: Iterable[Job], server: ForkServer, assigned: Assigned, limits: Limits) -> Iterator[Done]:
    """Grade submissions, on one worker for each connection of the fork server.

    Args:
        jobs: Read as workers get free.
        server: The fork server.
        assigned: The assignment, and how its tests run.
        limits: Of each job.

    Yields:
        Each result as it comes.

    Raises:
        GradingError: The fork server died.
    """
    gc.freeze()  # what is here now stays, and forked workers share it only as long as nobody writes to it
    workers = [_Worker(connection, assigned, limits) for connection in server.connections]
    waiting = iter(jobs)
    tries: dict[str, int] = {}
    try:
        for _ in range(AHEAD):
            for worker in workers:
                _next(worker, waiting)
        while busy := {worker.pipe: worker for worker in workers if worker.jobs}:
            for pipe in wait(list(busy)):
                worker, done = _answered(busy[pipe], workers, server, tries)  # type: ignore[index]
                if done:  # the worker gets its next submission before this one is written down
                    _next(worker, waiting)
                    yield done
    finally:
        for worker in workers:
            worker.stop()


def _answered(
    worker: _Worker, workers: list[_Worker], server: ForkServer, tries: dict[str, int]
) -> tuple[_Worker, Done | None]:
    """Take a worker's answer. Where it died there may be none, and another worker takes its place."""
    try:
        done: Done = worker.pipe.recv()
        worker.done()
        return worker, done
    except (EOFError, OSError):
        worker.stop()
        if server.process.poll() is not None:
            raise GradingError("the grader's fork server died; run the command again") from None
    workers.remove(worker)
    worker.connection.reset()
    workers.append(worker.replaced())
    return workers[-1], _handed_over(worker, workers[-1], tries)


def _handed_over(dead: _Worker, new: _Worker, tries: dict[str, int]) -> Done | None:
    """Give a new worker what a dead one had before it, but for a submission that killed too many of them."""
    killer = dead.jobs[0][0].student
    tries[killer] = tries.get(killer, 1) + 1
    done = None
    if tries[killer] > TRIES:
        dead.jobs.popleft()
        done = Done(killer, reason="the grader's worker died while grading it, twice")
    for job, _ in dead.jobs:
        new.give(job)
    return done


def _next(worker: _Worker, waiting: Iterator[Job]) -> None:
    job = next(waiting, None)
    if job is not None:
        worker.give(job)
