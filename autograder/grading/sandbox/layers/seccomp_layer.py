"""seccomp: the kernel refuses the system calls that no notebook needs."""

from __future__ import annotations

import os
import platform
import resource
import socket
from collections.abc import Mapping
from dataclasses import replace

from autograder.grading.sandbox import attacks, seccomp, syscalls
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class Seccomp(Layer):
    """One filter for all jobs, or one for each, where the filter is what keeps signals inside."""

    name = "seccomp"

    def __init__(self, behind_namespaces: bool, optional: bool = False):
        """`behind_namespaces`: sockets, other processes and files' modes are out of reach anyway."""
        self._behind_namespaces, self.optional = behind_namespaces, optional
        self._strictness = seccomp.Strictness()
        self._filter: bytes | None = None  # None: each job has its own

    def available(self) -> str:
        """It is for one processor."""
        if seccomp.supported():
            return ""
        return f"the filter is for x86-64, and this is {platform.machine()}"

    def prepare(self, setup: Setup) -> None:
        """Make the filter that all jobs share."""
        if not self._behind_namespaces:
            self._strictness = seccomp.Strictness(all_sockets=True, attributes=setup.users is None)
        if self._behind_namespaces or setup.signals_guarded:
            self._filter = seccomp.build(self._strictness)

    def apply(self, job: Job) -> None:
        """For good."""
        seccomp.install(self._filter or seccomp.build(replace(self._strictness, own_signals_of=os.getpid())))

    def describe(self) -> tuple[LayerReport, ...]:
        """What is refused."""
        words = "no network sockets, mounts, tracing, namespaces, keys, kernel interfaces"
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Calls that are refused; the last would make the attacks after it mean little."""
        found: dict[str, Attack] = {"network sockets": lambda: socket.socket(socket.AF_INET).close()}
        if outside is not None and not self._behind_namespaces:
            victim = outside.victim
            found |= attacks.on_network(outside)
            found |= {
                "the sockets of services": lambda: attacks.connect(f"{outside.folder}/socket"),
                "signals to others": lambda: os.kill(victim, 0),
                "tracing others": lambda: attacks.trace(victim),
                "limits of others": lambda: resource.prlimit(victim, resource.RLIMIT_CORE, (0, 0)),
            }
        found["new namespaces"] = lambda: syscalls.unshare(syscalls.NEWUSER)
        return found
