"""Processes in tiers 2 and 3: what a job left running is found by a mark, and ended."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.grading.sandbox import attacks, orphans
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport

# Each job carries its slot as its limit of queued signals, which no notebook needs: so its orphans are known.
_MARK = 4096


class OrphanSweep(Layer):
    """Ends the orphans of a job that is over; lets each job end with the fork server."""

    name = "processes"
    _setup: Setup

    def __init__(self, words: str):
        """`words` for `doctor`: what this leaves open."""
        self._words = words
        self._live: set[int] = set()  # pids of the jobs that have not ended

    def prepare(self, setup: Setup) -> None:
        """Orphans become children of the fork server."""
        self._setup = setup
        if sys.platform == "linux":
            sys_.adopt_orphans()

    def after_fork(self, pid: int) -> None:
        """Remember the job, whose orphans are not to be ended while it runs."""
        if pid > 0:
            self._live.add(pid)

    def apply(self, job: Job) -> None:
        """Mark the job and all that it will start."""
        if sys.platform == "linux":
            sys_.die_with_parent()
            resource.setrlimit(resource.RLIMIT_SIGPENDING, (_MARK + job.slot, _MARK + job.slot))

    def end(self, pid: int, slot: int) -> None:
        """End what the job left running."""
        self._live.discard(pid)
        if sys.platform == "linux":
            orphans.sweep(lambda orphan: self._left_by(orphan, slot), self._setup.uid(slot))

    def describe(self) -> tuple[LayerReport, ...]:
        """Off: it cleans up, and hides nothing."""
        return (LayerReport(self.name, False, self._words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Go on when the fork server is killed."""
        return {
            "outliving the fork server": lambda: attacks.gets_through_if(not sys_.dies_with_parent()),
        }

    def _left_by(self, pid: int, slot: int) -> bool:
        """Does a child of this process belong to the ended job; also if it hides its mark."""
        if pid in self._live:
            return False
        owner = _slot_of(pid)
        return owner == slot or owner not in {_slot_of(job) for job in self._live}


def _slot_of(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
            if line.startswith("Max pending signals"):
                return int(line.split()[4]) - _MARK
    except (OSError, ValueError, IndexError):
        pass
    return -1
