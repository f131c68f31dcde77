"""Disk in tier 1: each job has a file system of its own, with a size."""

from __future__ import annotations

import os
from collections.abc import Mapping

from autograder.grading.sandbox import attacks, rootfs
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport


class OwnDisk(Layer):
    """The job's working directory is a small file system in memory."""

    name = "disk"
    _size: int

    def prepare(self, setup: Setup) -> None:
        """Remember the size."""
        self._size = setup.limits.disk

    def apply(self, job: Job) -> None:
        """Mount it; work there."""
        size = f"size={self._size},nr_inodes=16384,mode=700,uid={rootfs.USER},gid={rootfs.USER}"
        sys_.mount("tmpfs", rootfs.JOB, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, size)
        os.chdir(rootfs.JOB)
        job.folder = rootfs.JOB

    def describe(self) -> tuple[LayerReport, ...]:
        """How large it is."""
        return (LayerReport(self.name, True, f"own file system of {self._size >> 20} MiB"),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Two files that are together too large."""
        return {"disk without a limit": lambda: attacks.fill(self._size * 2 // 3, 2)}
