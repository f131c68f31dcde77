"""Disk in tiers 2 and 3: each job has a temporary folder, removed at its end."""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from autograder.grading.sandbox import uid_pool
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport

_PREFIX = "autograder-jobs-"
_JUST_MADE = 10.0  # seconds in which another sandbox may have made its folder and not yet locked it


class JobFolder(Layer):
    """A folder for all jobs of a fork server, with one a slot. It claims to hold nothing."""

    name = "disk"
    _setup: Setup
    _base: Path
    _owner = -1

    def prepare(self, setup: Setup) -> None:
        """Make the folder, and remove those that killed fork servers left."""
        self._setup = setup
        remove_abandoned()
        self._base = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = os.open(self._base, os.O_RDONLY | os.O_CLOEXEC)  # stays open as long as this process lives
        fcntl.flock(lock, fcntl.LOCK_EX)
        setup.folders = str(self._base)
        self._owner = os.getpid()
        atexit.register(self.close)

    def apply(self, job: Job) -> None:
        """Make the slot's folder; work there."""
        if not 0 <= job.slot < uid_pool.BLOCK:
            raise ValueError(f"slot {job.slot} is not between 0 and {uid_pool.BLOCK - 1}")
        folder = self._folder(job.slot)
        folder.mkdir(mode=0o700)
        os.chdir(folder)
        job.folder = str(folder)

    def end(self, pid: int, slot: int) -> None:
        """Remove the slot's folder."""
        remove(self._folder(slot))

    def close(self) -> None:
        """Remove the folder of all jobs; a forked child that ends the ordinary way does not."""
        if os.getpid() == self._owner:
            remove(self._base)

    def describe(self) -> tuple[LayerReport, ...]:
        """Off: the limits hold a file, and nothing their number."""
        words = f"{self._setup.limits.disk >> 20} MiB a file, without a limit on their number"
        return (LayerReport(self.name, False, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """None: nothing is claimed."""
        return {}

    def _folder(self, slot: int) -> Path:
        return self._base / f"job{slot}"


def remove_abandoned() -> None:
    """Remove the folders of sandboxes that were killed: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.lstat().st_uid != os.geteuid():
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if time.time() - os.fstat(handle).st_mtime > _JUST_MADE:
                    remove(folder)
            finally:
                os.close(handle)


def remove(folder: Path) -> None:
    """Remove a folder, whatever a job made of it: unreadable folders, a chain of 100,000 of them."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except (OSError, RecursionError):
        with suppress(OSError):
            subprocess.run(["chmod", "-R", "u+rwx", folder], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["rm", "-rf", folder], check=False, stderr=subprocess.DEVNULL)
