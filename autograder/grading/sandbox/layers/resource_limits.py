"""Limits: what the kernel itself counts for each process. Not on Windows."""

from __future__ import annotations

import mmap
import os
import resource
import sys
from collections.abc import Mapping

from autograder.grading.sandbox import attacks, rlimits
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import LayerReport


class ResourceLimits(Layer):
    """Memory, processor time, processes, open files and the size of a file."""

    name = "limits"
    _limits: Limits
    _processes: int

    def prepare(self, setup: Setup) -> None:
        """Where the kernel counts all processes of a user together, allow what the user has already."""
        self._limits = setup.limits
        together = sys.platform == "linux" and not setup.counted_apart
        others = rlimits.threads_of(os.getuid()) if together else 0
        self._processes = setup.limits.processes + others

    def apply(self, job: Job) -> None:
        """For good."""
        rlimits.first_to_die()
        rlimits.apply(self._limits, self._processes)

    def describe(self) -> tuple[LayerReport, ...]:
        """The limits of a process."""
        memory, seconds = self._limits.memory >> 20, round(self._limits.notebook_seconds)
        words = f"{memory} MiB and {seconds} CPU seconds a process, no core files"
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Take more than is allowed."""
        return {
            "memory": lambda: mmap.mmap(-1, self._limits.memory).close(),
            "a file over the limit": lambda: attacks.fill(self._limits.disk + 1),
            "processes without a limit": lambda: attacks.gets_through_if(
                resource.getrlimit(resource.RLIMIT_NPROC)[0] < 0
            ),
        }
