"""Users in tier 1: each job is in a user namespace of its own."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from autograder.grading.sandbox import attacks, rootfs
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport

# Processes are counted per user namespace since Linux 5.14.
_COUNTED_PER_NAMESPACE = (5, 14)


class UserNamespace(Layer):
    """A job has no right over the fork server's namespaces, and its processes are counted by themselves."""

    name = "users"
    _limit: int
    _fork_servers: str

    def prepare(self, setup: Setup) -> None:
        """Say to the limits how processes are counted."""
        self._limit = setup.limits.processes
        self._fork_servers = attacks.namespace("user")
        setup.counted_apart = True

    def apply(self, job: Job) -> None:
        """Be the same ordinary user, in a namespace that owns nothing."""
        sys_.unshare(sys_.NEWUSER)
        sys_.map_user(rootfs.USER, rootfs.USER, rootfs.USER)

    def describe(self) -> tuple[LayerReport, ...]:
        """On where this kernel counts each job by itself."""
        kernel = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
        if kernel < _COUNTED_PER_NAMESPACE:
            words = "jobs share one count of processes; Linux 5.14 counts each job by itself"
            return (LayerReport(self.name, False, words),)
        return (LayerReport(self.name, True, f"own user namespace: {self._limit} processes a job"),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Be where the fork server's rights are."""
        return {
            "the fork server's user namespace": lambda: attacks.gets_through_if(
                attacks.namespace("user") == self._fork_servers
            )
        }
