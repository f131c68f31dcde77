"""Workers on other machines: the jobs of a class, sent to those of a Dask cluster that may grade.

Jobs go to a worker by name, a few ahead, as in the local pool. So a worker that must not grade gets none, and
of a worker that was lost it is known which submission it had in hand. Everything travels as bytes.
"""

from __future__ import annotations

import itertools
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from autograder.core.errors import GradingError
from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.dispatch import dask_worker, result_codec
from autograder.grading.dispatch.dask_connection import DaskConnection
from autograder.grading.execution.grade_submission import Done, Job
from autograder.grading.trial.assigned import Assigned

AHEAD = 3
"""So many submissions a worker has before it, so that it need not wait for the next."""
AHEAD_BYTES = 8 << 20
"""Beyond so many bytes, one."""
TRIES = 3
"""So often a submission is tried whose worker was lost under it. Workers also go for reasons of their own."""
PATIENCE = 60.0
"""Seconds to wait for a worker where there is none."""
LOOK = 0.5
"""Seconds between two looks at who is there."""

KEPT = "What was graded so far is kept; the same command again goes on."

Say = Callable[[str], None]


@dataclass
class _Worker:
    """A worker of the cluster. `tier` is 0 until it has greeted; `keys` are of its jobs, in their order."""

    address: str
    tier: int = 0
    refused: str = ""
    keys: list[str] = field(default_factory=list)


@dataclass
class _Task:
    job: Job
    data: bytes
    failures: int = 0


class Cluster:
    """Dask's scheduler at an address, and its workers, which come and go."""

    def __init__(self, address: str, asked: str, say: Say):
        """Connect, and have the workers warm up.

        Args:
            address: The scheduler's.
            asked: How they are to grade (`dask_worker.asked_for`).
            say: Told which workers grade, and which do not and why, a line each.

        Raises:
            GradingError: Dask is not installed, or no scheduler answers.
        """
        self._dask = DaskConnection(address)
        self.address, self._asked, self._say = address, asked, say
        self._workers: dict[str, _Worker] = {}
        self._greetings: dict[str, _Worker] = {}
        self._tasks: dict[str, _Task] = {}
        self._looked = 0.0
        self._gone: list[_Worker] = []
        self._served = time.monotonic()
        self._had_one = self._waits = False
        self._refresh()

    @property
    def tier(self) -> int:
        """The weakest walls behind which a worker grades now; 0 before one has greeted."""
        return max((worker.tier for worker in self._eligible()), default=0)

    def run(self, jobs: Iterable[Job], assigned: Assigned) -> Iterator[tuple[Done, int]]:
        """Grade `jobs`; each result with the tier of its worker, as it comes. Raises GradingError."""
        packed = pickle.dumps(assigned)
        waiting = (_Task(job, pickle.dumps(replace(job, student=""))) for job in jobs)
        again: deque[_Task] = deque()
        self._served = time.monotonic()
        try:
            while True:
                self._refresh()
                again.extend(self._orphans())
                yield from self._given_up(again)
                more = self._feed(itertools.chain(_drained(again), waiting), packed)
                if not more and not self._tasks and not again:
                    return
                self._wait_for_workers()
                for key, answer in self._dask.answers(LOOK):
                    done = self._received(key, answer, assigned.snapshot, again)
                    if done:
                        # The worker gets its next submission before this one is written down.
                        self._feed(itertools.chain(_drained(again), waiting), packed)
                        yield done
        finally:
            self._dask.cancel(self._tasks)
            self._tasks.clear()
            for worker in self._workers.values():
                worker.keys.clear()

    def _received(
        self, key: str, answer: object, snapshot: Snapshot, again: deque[_Task]
    ) -> tuple[Done, int] | None:
        """What an answer brings: a result and the tier, or None; a task that failed goes to `again`."""
        if key in self._greetings:
            self._greeted(self._greetings.pop(key), answer)
        elif key in self._tasks:
            worker = next(one for one in self._workers.values() if key in one.keys)
            worker.keys.remove(key)
            task = self._tasks.pop(key)
            if done := self._result(task, worker, answer, snapshot):
                return done
            again.append(task)
        return None

    def close(self) -> None:
        """Leave the cluster; its workers stay."""
        self._dask.close()

    def _eligible(self) -> list[_Worker]:
        return [worker for worker in self._workers.values() if worker.tier and not worker.refused]

    def _refresh(self) -> None:
        """See who has come and who is gone."""
        if time.monotonic() - self._looked < LOOK:
            return
        try:
            there = self._dask.workers()
        except Exception as error:
            raise GradingError(
                f"the Dask scheduler at {self.address} is gone ({type(error).__name__}). {KEPT}"
            ) from None
        for address in sorted(there - set(self._workers)):
            self._workers[address] = worker = _Worker(address)
            self._greetings[self._dask.send(address, dask_worker.greet, self._asked)] = worker
        self._gone = [self._workers.pop(address) for address in sorted(set(self._workers) - there)]
        self._looked = time.monotonic()

    def _orphans(self) -> Iterator[_Task]:
        """The jobs of workers that are gone. What a worker had in hand may have been its end."""
        for worker in self._gone:
            self._say(f"worker {worker.address} is gone; others do its work")
            self._dask.cancel([*worker.keys, *(key for key, one in self._greetings.items() if one is worker)])
            self._greetings = {key: one for key, one in self._greetings.items() if one is not worker}
            for number, key in enumerate(worker.keys):
                task = self._tasks.pop(key)
                task.failures += number == 0
                yield task
        self._gone = []

    def _given_up(self, again: deque[_Task]) -> Iterator[tuple[Done, int]]:
        for task in [task for task in again if task.failures >= TRIES]:
            again.remove(task)
            reason = f"{TRIES} workers of the cluster ended or failed while grading it"
            yield Done(task.job.student, reason=reason), self.tier

    def _feed(self, tasks: Iterator[_Task], snapshot: bytes) -> bool:
        """Give every worker as much as it may have before it; whether there may be more to give."""
        hungry = deque(self._eligible())
        while hungry:  # in rounds, so that few jobs are spread over all workers
            worker = hungry.popleft()
            held = sum(len(self._tasks[key].data) for key in worker.keys)
            if len(worker.keys) >= AHEAD or (worker.keys and held > AHEAD_BYTES):
                continue
            task = next(tasks, None)
            if task is None:
                return False
            key = self._dask.send(worker.address, dask_worker.work, self._asked, snapshot, task.data)
            self._tasks[key] = task
            worker.keys.append(key)
            hungry.append(worker)
        return True

    def _greeted(self, worker: _Worker, answer: object) -> None:
        try:
            said = result_codec.parsed(answer)
            worker.tier = result_codec.as_integer(said.get("tier", 0))
            worker.refused = str(said.get("refused", "")) or ("" if worker.tier else "it names no tier")
            versions = {k: str(v) for k, v in result_codec.as_object(said["versions"]).items()}
        except (GradingError, KeyError, TypeError, ValueError):
            worker.refused, versions = f"it does not answer as a worker of autograder ({answer!r:.200})", {}
        if worker.refused:
            self._say(f"worker {worker.address} does not grade: {worker.refused}")
            return
        here = dask_worker.versions()
        other = [
            f"{name} {value} (here {here[name]})"
            for name, value in versions.items()
            if here.get(name, value) != value
        ]
        note = f"; other versions: {', '.join(other)}" if other else ""
        self._say(f"worker {worker.address} grades at tier {worker.tier}{note}")

    def _result(
        self, task: _Task, worker: _Worker, answer: object, snapshot: Snapshot
    ) -> tuple[Done, int] | None:
        """What became of a job, and the tier; None where it is to be done again."""
        try:
            if isinstance(answer, BaseException):
                raise result_codec.Malformed(f"{type(answer).__name__}: {answer}")
            said = result_codec.parsed(answer)
            if "refused" in said:
                worker.refused = str(said["refused"])
                self._say(f"worker {worker.address} does not grade any more: {worker.refused}")
                return None
            if "failed" in said:
                raise result_codec.Malformed(str(said["failed"]))
            return result_codec.unpacked(said, task.job, snapshot), worker.tier
        except result_codec.Malformed as error:
            task.failures += 1
            self._say(f"worker {worker.address} failed: {error}"[:300])
            return None

    def _wait_for_workers(self) -> None:
        """Wait for workers, but not for ever. Raises GradingError."""
        now = time.monotonic()
        if self._eligible():
            self._served, self._had_one, self._waits = now, True, False
            return
        if self._greetings:
            return
        refused = [f"    {one.address}: {one.refused}" for one in self._workers.values()]
        if (refused and not self._had_one) or now - self._served > PATIENCE:
            lines = (
                ["no worker of the cluster grades:", *refused]
                if refused
                else [f"no worker is at {self.address}. Start one with: autograder worker {self.address}"]
            )
            raise GradingError("\n".join([*lines, KEPT]))
        if not self._waits:
            self._say(f"waiting for a worker; start one with: autograder worker {self.address}")
            self._waits = True


def _drained(tasks: deque[_Task]) -> Iterator[_Task]:
    while tasks:
        yield tasks.popleft()
