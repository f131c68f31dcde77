"""Tier 1: a process in namespaces of its own, and one more set of them for every job."""

from __future__ import annotations

import os
import platform
import select
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from autograder.grading.sandbox import landlock, rlimits, rootfs, seccomp, uid_pool
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.layers import landlock_layer, limits_layer, seccomp_layer
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import Layer

_SHOWN = sys_.MS_NOSUID | sys_.MS_NODEV | sys_.MS_NOEXEC
# Processes are counted per user namespace since Linux 5.14.
_COUNTED_PER_NAMESPACE = (5, 14)


class Namespaces:
    """Tier 1. Building one moves this process into the namespaces: the process that returns is another.

    The outer process only waits for the inner one and ends as it ends; the inner one dies with the outer.
    Raises OSError when the kernel refuses a step.
    """

    tier = 1

    def __init__(self, limits: Limits, readable: Sequence[str]):
        self.limits = limits
        self.landlock = landlock.abi()
        self.filter = seccomp.build(seccomp.Strictness()) if seccomp.supported() else None
        self._enter(readable)
        self._own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        etc = ("/etc", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
        shown = rootfs.outermost([*rootfs.SYSTEM, *(os.path.realpath(path) for path in readable), *etc])
        self._readable = landlock.open_all(shown)
        self._null = landlock.open_all(["/dev/null"])

    def _enter(self, readable: Sequence[str]) -> None:
        base = None
        uid, gid = os.getuid(), os.getgid()
        if uid == 0:
            # Only root can walk to every readable folder: mounts first, then become somebody without rights.
            sys_.unshare(sys_.NEWNS)
            base = rootfs.build(readable)
            uid = gid = uid_pool.claim().first
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            sys_.own_proc()
        sys_.unshare(sys_.NEWUSER)
        _write("/proc/self/setgroups", "deny")  # the kernel asks for it; jobs' namespaces inherit it
        map_user(uid, gid)
        sys_.unshare(sys_.NEWNS | sys_.NEWPID | sys_.NEWNET | sys_.NEWIPC | sys_.NEWUTS | sys_.NEWCGROUP)
        if base is None:
            base = rootfs.build(readable)
        alive, held = os.pipe()
        pid = os.fork()
        if pid:
            os.close(alive)
            _wait_for(pid, held)
        os.close(held)
        sys_.die_with_parent()
        if select.select([alive], [], [], 0)[0]:
            os._exit(1)  # the outer process ended before the kernel knew that this one is to die with it
        os.close(alive)
        rootfs.enter(base)

    def layers(self) -> tuple[Layer, ...]:
        """What holds in every job."""
        kernel = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
        per_job = kernel >= _COUNTED_PER_NAMESPACE
        return (
            Layer("namespaces", True, "own users, mounts, processes, network, IPC and host name"),
            Layer("files", True, "a read-only tree of system and Python folders, and nothing else"),
            Layer("processes", True, "own process namespace: what a job starts ends with it"),
            Layer(
                "users",
                per_job,
                f"own user namespace: {self.limits.processes} processes a job"
                if per_job
                else "jobs share one count of processes; Linux 5.14 counts each job by itself",
            ),
            Layer("disk", True, f"own file system of {self.limits.disk >> 20} MiB"),
            landlock_layer(self.landlock),
            seccomp_layer(self.filter is not None),
            limits_layer(self.limits),
            Layer("privileges", True, "no new privileges, no capabilities"),
        )

    def before_fork(self) -> None:
        """The next child starts a process namespace."""
        sys_.unshare(sys_.NEWPID)

    def after_fork(self, pid: int) -> None:
        """Children of this process are its own again. Call it also when the fork failed."""
        sys_.setns(self._own_pid_namespace, sys_.NEWPID)

    def confine(self, slot: int) -> str:
        """Apply every layer to this freshly forked child; its folder."""
        sys_.unshare(sys_.NEWNS)
        size = f"size={self.limits.disk},nr_inodes=16384,mode=700,uid={rootfs.USER},gid={rootfs.USER}"
        sys_.mount("tmpfs", rootfs.JOB, "tmpfs", sys_.MS_NOSUID | sys_.MS_NODEV, size)
        sys_.mount("proc", "/proc", "proc", _SHOWN)
        sys_.mount(
            "devpts", "/dev/pts", "devpts", sys_.MS_NOSUID | sys_.MS_NOEXEC, "newinstance,ptmxmode=0666"
        )
        sys_.unshare(sys_.NEWUSER)
        map_user(rootfs.USER, rootfs.USER)
        os.chdir(rootfs.JOB)
        rlimits.first_to_die()
        rlimits.apply(self.limits, self.limits.processes)
        sys_.bound_capabilities()
        sys_.set_capabilities()
        sys_.no_new_privileges()
        if self.landlock:
            own = landlock.open_all([rootfs.JOB, "/dev/pts"])
            proc = landlock.open_all(["/proc"])
            landlock.restrict(self.landlock, self._readable + proc, self._null + own)
        if self.filter is not None:
            seccomp.install(self.filter)
        return rootfs.JOB

    def end(self, pid: int, slot: int) -> None:
        """Nothing is left to do: with the first process of a job the kernel ends all its others."""

    def close(self) -> None:
        """Nothing is left outside: folders and mounts end with the process."""


def map_user(uid: int, gid: int) -> None:
    """In a new user namespace, be an ordinary user who is the given user and group outside."""
    _write("/proc/self/uid_map", f"{rootfs.USER} {uid} 1")
    _write("/proc/self/gid_map", f"{rootfs.USER} {gid} 1")


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def _wait_for(pid: int, held: int) -> NoReturn:
    """The outer process: keep one descriptor that tells that it lives, wait, and end as the inner ends."""
    os.closerange(3, held)
    os.closerange(held + 1, 1 << 16)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # The inner process is the init of its namespace and takes no lesser signal from its defaults.
        signal.signal(number, lambda *_: os.kill(pid, signal.SIGKILL))
    code = 1
    with suppress(ChildProcessError):
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os._exit(code if code >= 0 else 128 - code)
