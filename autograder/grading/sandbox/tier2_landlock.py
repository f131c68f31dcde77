"""Tiers 2 and 3: no namespaces. Landlock, seccomp and another user, or nothing but limits."""

from __future__ import annotations

import atexit
import fcntl
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autograder.grading.sandbox import landlock, orphans, rlimits, rootfs, seccomp, uid_pool
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.layers import landlock_layer, limits_layer, seccomp_layer
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import Layer

# Each job carries its slot as its limit of queued signals, which no notebook needs: so its orphans are known.
_MARK = 4096

_PREFIX = "autograder-jobs-"
_JUST_MADE = 10.0  # seconds in which another sandbox may have made its folder and not yet locked it

_READABLE = (
    *rootfs.SYSTEM, *rootfs.SETTINGS, "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/proc/cpuinfo",
    "/proc/meminfo", "/proc/stat", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
)  # fmt: skip


class Restricted:
    """Tier 2 (`tier=2`), or tier 3, which is tier 2 without its walls.

    Raises OSError when tier 2 cannot be had: it needs Landlock and seccomp.
    """

    def __init__(self, limits: Limits, readable: Sequence[str], tier: int):
        self.tier = tier
        self.limits = limits
        self.walled = tier == 2
        self.linux = sys.platform == "linux"
        self.users: uid_pool.Block | None = None
        self.live: set[int] = set()  # pids of the jobs that have not ended
        # Python in a folder of root's (uv and pyenv do that): other users reach it with this one capability.
        # Landlock, which no capability lifts, still says what they may open.
        self.capabilities = 0
        self.filter: bytes | None = None  # None: each job has its own
        self.landlock = landlock.abi() if self.walled else 0
        if self.walled:
            self._require()
            if os.geteuid() == 0 and sys_.has_capability(sys_.CAP_SETUID):
                self.users = uid_pool.claim()
                if not all(open_to_all(path) for path in readable):
                    self.capabilities = 1 << sys_.CAP_DAC_READ_SEARCH
            self._readable = landlock.open_all(
                rootfs.outermost([*_READABLE, *(os.path.realpath(path) for path in readable)])
            )
            # Where neither Landlock nor another user guards signals, the filter does, and is each job's own.
            guarded = self.users is not None or self.landlock >= landlock.SCOPES_SIGNALS
            self.filter = seccomp.build(self._strictness(None)) if guarded else None
            # Only for users of their own: an ordinary user's terminals all belong to the instructor.
            terminals = ["/dev/ptmx", "/dev/pts"] if self.users else []
            self._writable = landlock.open_all(["/dev/null", *terminals])
        if self.linux:
            sys_.adopt_orphans()
            # As many as the user has already: the limit counts all of them.
            self.others = 0 if self.users else rlimits.threads_of(os.getuid())
        remove_abandoned()
        self.base = tempfile.mkdtemp(prefix=_PREFIX)
        self._lock = os.open(self.base, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        if self.users:
            Path(self.base).chmod(0o711)
        self._owner = os.getpid()
        atexit.register(self.close)

    def _require(self) -> None:
        if not self.landlock:
            raise OSError("Landlock is not in this kernel (Linux 5.13 or later with lsm=landlock,... has it)")
        if not seccomp.supported():
            raise OSError("the system call filter is for x86-64 only")
        if os.geteuid() != 0 and self.landlock < landlock.TRUNCATES:
            raise OSError("as an ordinary user it needs Linux 6.2, whose Landlock guards truncation")

    def layers(self) -> tuple[Layer, ...]:
        """What holds in every job."""
        own = self.users is not None
        walled = self.walled
        return (
            Layer("files", walled, "readable: system and Python folders" if walled else "everything is open"),
            Layer("processes", False, self._about_processes()),
            Layer(
                "users",
                own,
                f"each job is a user of its own, from {self.users.first}"
                if self.users
                else "jobs run as you; graded as root, each would be a user of its own",
            ),
            Layer("disk", False, f"{self.limits.disk >> 20} MiB a file, without a limit on their number"),
            landlock_layer(self.landlock) if walled else Layer("landlock", False, "not used in this tier"),
            seccomp_layer(True) if walled else Layer("seccomp", False, "not used in this tier"),
            limits_layer(self.limits),
            Layer("privileges", walled, self._about_privileges()),
        )

    def _about_privileges(self) -> str:
        if not self.walled:
            return "jobs can do what you can do"
        if self.capabilities:
            return "no new privileges, no capability but CAP_DAC_READ_SEARCH: Python lies in a private folder"
        return "no new privileges, no capabilities"

    def _about_processes(self) -> str:
        text = "no process namespace: orphans are found and ended, processes of others can be listed"
        return text if self.walled else "orphans are looked for and ended when a job is over"

    def before_fork(self) -> None:
        """Nothing to prepare."""

    def after_fork(self, pid: int) -> None:
        """Remember the job, whose orphans are not to be ended while it runs."""
        if pid > 0:
            self.live.add(pid)

    def confine(self, slot: int) -> str:
        """Apply every layer to this freshly forked child; its folder."""
        if not 0 <= slot < uid_pool.BLOCK:
            raise ValueError(f"slot {slot} is not between 0 and {uid_pool.BLOCK - 1}")
        folder = self.folder(slot)
        folder.mkdir(mode=0o700)
        uid = self.uid(slot)
        if uid is not None:
            os.chown(folder, uid, uid)
            sys_.bound_capabilities(self.capabilities)
            sys_.keep_over_setuid()
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            sys_.own_proc()
        os.chdir(folder)
        if self.linux:
            sys_.die_with_parent()
            rlimits.first_to_die()
            resource.setrlimit(resource.RLIMIT_SIGPENDING, (_MARK + slot, _MARK + slot))
            rlimits.apply(self.limits, self.limits.processes + self.others)
        else:
            rlimits.apply(self.limits, self.limits.processes)
        if self.walled:
            self._wall(folder)
        return str(folder)

    def _wall(self, folder: Path) -> None:
        sys_.set_capabilities(self.capabilities)
        sys_.no_new_privileges()
        own = landlock.open_all([str(folder)])
        proc = landlock.open_all([f"/proc/{os.getpid()}"])
        landlock.restrict(self.landlock, self._readable + proc, self._writable + own)
        seccomp.install(self.filter or seccomp.build(self._strictness(os.getpid())))

    def _strictness(self, pid: int | None) -> seccomp.Strictness:
        return seccomp.Strictness(all_sockets=True, attributes=self.users is None, own_signals_of=pid)

    def end(self, pid: int, slot: int) -> None:
        """End what the job left running, and remove its folder."""
        self.live.discard(pid)
        if self.linux:
            orphans.sweep(lambda orphan: self._left_by(orphan, slot), self.uid(slot))
        remove(self.folder(slot))

    def _left_by(self, pid: int, slot: int) -> bool:
        """Does a child of this process belong to the ended job; also if it hides its mark."""
        if pid in self.live:
            return False
        owner = self._slot_of(pid)
        return owner == slot or owner not in {self._slot_of(job) for job in self.live}

    def _slot_of(self, pid: int) -> int:
        try:
            for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
                if line.startswith("Max pending signals"):
                    return int(line.split()[4]) - _MARK
        except (OSError, ValueError, IndexError):
            pass
        return -1

    def uid(self, slot: int) -> int | None:
        """The user of a slot's jobs; None where they run as this process does."""
        return None if self.users is None else self.users.first + slot

    def folder(self, slot: int) -> Path:
        """The folder of a slot's jobs."""
        return Path(self.base) / f"job{slot}"

    def close(self) -> None:
        """Remove the folder of all jobs; a forked child that ends the ordinary way does not."""
        if os.getpid() == self._owner:
            remove(Path(self.base))


def open_to_all(path: str) -> bool:
    """May every user read the folder and walk to it."""
    place = Path(path).resolve()
    return place.stat().st_mode & 0o5 == 0o5 and all(parent.stat().st_mode & 0o1 for parent in place.parents)


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
