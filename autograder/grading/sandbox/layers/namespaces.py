"""Namespaces: mounts, processes, network, IPC and host name of the jobs' own."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import NoReturn

from autograder.grading.sandbox import attacks, rootfs, uid_pool
from autograder.grading.sandbox import syscalls as sys_
from autograder.grading.sandbox.attacks import Outside
from autograder.grading.sandbox.layer import Attack, Job, Layer, Setup
from autograder.grading.sandbox.report import LayerReport

_ALL = sys_.NEWNS | sys_.NEWPID | sys_.NEWNET | sys_.NEWIPC | sys_.NEWUTS | sys_.NEWCGROUP
_MACHINES = ("net", "ipc", "uts", "cgroup")


class Namespaces(Layer):
    """Moves the fork server into namespaces, and each job into a mount namespace of its own.

    The process that returns from `prepare` is another than the one that called: the outer one only waits
    for the inner one and ends as it ends; the inner one dies with the outer.
    """

    name = "namespaces"

    def __init__(self) -> None:
        self._machines: dict[str, str] = {}
        self._fork_servers = ""

    def prepare(self, setup: Setup) -> None:
        """Enter them, and mount the read-only tree, which waits there for its own layer.

        As root the tree comes first, since only root can walk to every readable folder; as an ordinary
        user after the user namespace, since only there may such a user mount. Hence not in its own layer.
        """
        self._machines = {kind: attacks.namespace(kind) for kind in _MACHINES}
        uid, gid = os.getuid(), os.getgid()
        if uid == 0:
            sys_.unshare(sys_.NEWNS)
            setup.tree = rootfs.build(setup.readable)
            uid = gid = uid_pool.claim().first
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            sys_.own_proc()
        sys_.unshare(sys_.NEWUSER)
        sys_.write_proc("/proc/self/setgroups", "deny")  # the kernel asks for it; jobs' namespaces inherit it
        sys_.map_user(rootfs.USER, uid, gid)
        sys_.unshare(_ALL)
        if not setup.tree:
            setup.tree = rootfs.build(setup.readable)
        _continue_in_child()

    def before_fork(self) -> None:
        """Remember which mounts are the fork server's."""
        self._fork_servers = self._fork_servers or attacks.namespace("mnt")

    def apply(self, job: Job) -> None:
        """Mounts and terminals of its own."""
        sys_.unshare(sys_.NEWNS)
        flags = sys_.MS_NOSUID | sys_.MS_NOEXEC
        sys_.mount("devpts", "/dev/pts", "devpts", flags, "newinstance,ptmxmode=0666")

    def describe(self) -> tuple[LayerReport, ...]:
        """What is the jobs' own."""
        words = "own users, mounts, processes, network, IPC and host name"
        return (LayerReport(self.name, True, words),)

    def attacks(self, outside: Outside | None) -> Mapping[str, Attack]:
        """Be where the machine or the fork server is."""
        return {
            "the machine's network, IPC or host name": lambda: attacks.gets_through_if(
                any(attacks.namespace(kind) == machines for kind, machines in self._machines.items())
            ),
            "the fork server's mounts": lambda: attacks.gets_through_if(
                attacks.namespace("mnt") == (self._fork_servers or attacks.namespace("mnt"))
            ),
            **attacks.on_network(outside),
        }


def _continue_in_child() -> None:
    """Return in a child, the first of the new process namespace; this process waits for it."""
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
