"""Tiers 2 and 3: no namespaces. Landlock, seccomp and another user, or nothing but limits."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from autograder.grading import landlock, leftovers, limits, seccomp, tree, uids
from autograder.grading import syscalls as sys_
from autograder.grading.layer import Layer
from autograder.grading.limits import Limits
from autograder.grading.namespaces import landlock_layer, limits_layer, seccomp_layer

# Each job carries its slot as its limit of queued signals, which no notebook needs: so its orphans are known.
_MARK = 4096

_READABLE = (
    *tree.SYSTEM, *tree.SETTINGS, "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/proc/cpuinfo",
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
        self.users: uids.Block | None = None
        self.live: set[int] = set()  # pids of the jobs that have not ended
        # Python in a folder of root's (uv and pyenv do that): other users reach it with this one capability.
        # Landlock, which no capability lifts, still says what they may open.
        self.capabilities = 0
        self.landlock = landlock.abi() if self.walled else 0
        if self.walled:
            self._require()
            if os.geteuid() == 0 and sys_.has_capability(sys_.CAP_SETUID):
                self.users = uids.claim()
                if not all(open_to_all(path) for path in readable):
                    self.capabilities = 1 << sys_.CAP_DAC_READ_SEARCH
            self._readable = landlock.open_all(
                tree.outermost([*_READABLE, *(os.path.realpath(path) for path in readable)])
            )
            terminals = (
                ["/dev/ptmx", "/dev/pts"] if self.users else []
            )  # else: the instructor's own terminals
            self._writable = landlock.open_all(["/dev/null", *terminals])
        if self.linux:
            sys_.adopt_orphans()
            # As many as the user has already: the limit counts all of them.
            self.others = 0 if self.users else counted(os.getuid())
        self.base = tempfile.mkdtemp(prefix="autograder-jobs-")
        if self.users:
            Path(self.base).chmod(0o711)

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
        if not 0 <= slot < uids.BLOCK:
            raise ValueError(f"slot {slot} is not between 0 and {uids.BLOCK - 1}")
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
            limits.first_to_die()
            resource.setrlimit(resource.RLIMIT_SIGPENDING, (_MARK + slot, _MARK + slot))
            limits.apply(self.limits, self.limits.processes + self.others)
        else:
            limits.apply(self.limits, self.limits.processes)
        if self.walled:
            self._wall(folder)
        return str(folder)

    def _wall(self, folder: Path) -> None:
        sys_.set_capabilities(self.capabilities)
        sys_.no_new_privileges()
        own = landlock.open_all([str(folder)])
        proc = landlock.open_all([f"/proc/{os.getpid()}"])
        landlock.restrict(self.landlock, self._readable + proc, self._writable + own)
        scoped = self.landlock >= landlock.SCOPES_SIGNALS or self.users is not None
        seccomp.install(
            seccomp.build(
                seccomp.Strictness(
                    all_sockets=True,
                    attributes=self.users is None,
                    own_signals_of=None if scoped else os.getpid(),
                )
            )
        )

    def end(self, pid: int, slot: int) -> None:
        """End what the job left running, and remove its folder."""
        self.live.discard(pid)
        if self.linux:
            leftovers.sweep(lambda orphan: self._left_by(orphan, slot), self.uid(slot))
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
        """Remove the folder of all jobs."""
        remove(Path(self.base))


def open_to_all(path: str) -> bool:
    """May every user read the folder and walk to it."""
    place = Path(path).resolve()
    return place.stat().st_mode & 0o5 == 0o5 and all(parent.stat().st_mode & 0o1 for parent in place.parents)


def counted(uid: int) -> int:
    """How many processes the limit counts before a job starts any."""
    return limits.threads_of(uid)


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
