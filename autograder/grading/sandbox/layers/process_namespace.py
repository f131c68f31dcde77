"""Processes in tier 1: each job is a process namespace, and the kernel ends it as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from autograder.grading.sandbox import attacks
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class ProcessNamespace(Layer):
    """A job sees only its own processes; with its first one the kernel ends all others."""

    name = "processes"

    def __init__(self) -> None:
        self._fork_servers = -1

    def prepare(self, setup: Setup) -> None:
        """Keep a way back to the fork server's own process namespace."""
        self._fork_servers = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def before_fork(self) -> None:
        """The next child starts a process namespace."""
        sys_.unshare(sys_.NEWPID)

    def after_fork(self, pid: int) -> None:
        """Children of this process are its own again, also where the fork failed."""
        sys_.setns(self._fork_servers, sys_.NEWPID)

    def apply(self, job: Job) -> None:
        """A /proc that shows the job's own processes."""
        sys_.mount("proc", "/proc", "proc", sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC)

    def describe(self) -> tuple[LayerReport, ...]:
        """What becomes of a job's processes."""
        words = "own process namespace: what a job starts ends with it"
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """See another process, or not be the first."""
        return {
            "other processes": lambda: attacks.gets_through_if(
                os.getpid() != 1 or len(list(Path("/proc").glob("[0-9]*"))) > 1
            )
        }
