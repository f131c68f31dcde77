"""Landlock: the kernel lets a job open only the files that are named here."""

from __future__ import annotations

import os
from collections.abc import Mapping

from autograder.grading.sandbox import attacks, landlock, rootfs
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport

_DEVICES = ("/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_MACHINES = (
    *rootfs.SYSTEM, *rootfs.SETTINGS, "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", *_DEVICES,
)  # fmt: skip


class Landlock(Layer):
    """Allows what is named by descriptors, which are opened once where they are not the job's own."""

    name = "landlock"

    def __init__(self, behind_tree: bool, optional: bool = False):
        """`behind_tree`: /etc, /proc and /dev/pts are the job's own; else they are the machine's."""
        self._behind_tree, self.optional = behind_tree, optional
        self._abi = 0
        self._readable: list[int] = []
        self._writable: list[int] = []
        self._fork_server = 0

    def available(self) -> str:
        """It is there; where it alone guards files, as an ordinary user, also truncation."""
        abi = landlock.abi()
        if not abi:
            return "not in this kernel; Linux 5.13 or later with lsm=landlock,... has it"
        if not self._behind_tree and os.geteuid() != 0 and abi < landlock.TRUNCATES:
            return "as an ordinary user it needs Linux 6.2, whose Landlock guards truncation"
        return ""

    def prepare(self, setup: Setup) -> None:
        """Open what all jobs may read and write."""
        self._abi, self._fork_server = landlock.abi(), os.getpid()
        ours = (os.path.realpath(path) for path in setup.readable)
        system = (*rootfs.SYSTEM, "/etc", *_DEVICES) if self._behind_tree else _MACHINES
        self._readable = landlock.open_all(rootfs.outermost([*system, *ours]))
        # Only for users of their own: an ordinary user's terminals all belong to the instructor.
        terminals = ["/dev/ptmx", "/dev/pts"] if setup.users else []
        self._writable = landlock.open_all(["/dev/null", *terminals])
        setup.signals_guarded |= self._abi >= landlock.SCOPES_SIGNALS

    def apply(self, job: Job) -> None:
        """Open what is the job's own, then restrict."""
        mounted = ["/dev/pts"] if self._behind_tree else []
        own = landlock.open_all([job.folder, *mounted])
        proc = landlock.open_all(["/proc" if self._behind_tree else f"/proc/{os.getpid()}"])
        landlock.restrict(self._abi, self._readable + proc, self._writable + own)

    def describe(self) -> tuple[LayerReport, ...]:
        """What this version of it guards; where there is no tree, the files are its own work."""
        guarded = "files, TCP, signals" if self._abi >= landlock.SCOPES_SIGNALS else "files"
        report = LayerReport(self.name, True, f"ABI {self._abi}: {guarded}")
        if self._behind_tree:
            return (report,)
        return LayerReport("files", True, "readable: system and Python folders"), report

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """List the root, which no rule names; without a tree, all that a tree would hide."""
        found: dict[str, Attack] = {"listing the root": lambda: os.listdir("/")}  # noqa: PTH208
        if not self._behind_tree:
            environment = f"/proc/{self._fork_server}/environ"
            found["reading the fork server's environment"] = lambda: attacks.read(environment)
            found |= attacks.on_files(outside)
        return found
