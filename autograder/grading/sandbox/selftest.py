"""Attacks on the sandbox from inside, each harmless if it succeeds."""

# Attacks name the system call that they try.
# ruff: noqa: PTH106, PTH108, PTH111, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import ctypes
import mmap
import os
import resource
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.sandbox import syscalls
from autograder.grading.sandbox.limits import Limits

_SECRET = "not for the sandbox"
_PTRACE_SEIZE = 0x4206


@dataclass(frozen=True)
class Outside:
    """Things outside the sandbox that everybody on the machine could reach, so that only walls protect them.

    folder: world-writable, with a world-readable file `canary` and a listening socket `socket`
    port:   of a TCP listener on 127.0.0.1
    victim: the pid of a process that only sleeps
    """

    folder: str
    port: int
    victim: int

    @classmethod
    @contextmanager
    def prepare(cls) -> Iterator[Outside]:
        """Put them there; all is removed afterwards."""
        with (
            tempfile.TemporaryDirectory(prefix="autograder-outside-", ignore_cleanup_errors=True) as name,
            socket.create_server(("127.0.0.1", 0)) as tcp,
            socket.socket(socket.AF_UNIX) as unix,
        ):
            folder = Path(name)
            victim = os.fork()
            if victim == 0:
                signal.alarm(60)
                while True:
                    signal.pause()
            try:
                unix.bind(str(folder / "socket"))
                unix.listen()
                (folder / "socket").chmod(0o777)
                (folder / "canary").write_text(_SECRET)
                (folder / "canary").chmod(0o666)
                folder.chmod(0o777)
                yield cls(str(folder), tcp.getsockname()[1], victim)
            finally:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(victim, 0)

    def damage(self) -> list[str]:
        """What is no longer as it was, seen from outside."""
        canary = Path(self.folder, "canary")
        found = []
        if sorted(os.listdir(self.folder)) != ["canary", "socket"] or canary.read_text() != _SECRET:
            found.append("files outside were changed")
        elif canary.stat().st_mode & 0o777 != 0o666:
            found.append("the mode of a file outside was changed")
        if os.waitpid(self.victim, os.WNOHANG)[0]:
            found.append("a process outside was ended")
        return found


def attempts(tier: int, filtered: bool, limits: Limits, outside: Outside | None, zygote: int) -> list[str]:
    """Try each forbidden thing from inside a job; the names of those that worked.

    tier and filtered (is the system call filter on) say what is claimed; zygote is the job's parent.
    """
    attacks: dict[str, Callable[[], object]] = {
        "reading the zygote's environment": lambda: _read(f"/proc/{zygote}/environ") if tier > 1 else _fail(),
        "inherited environment": _inherited,
        "writing to the root": lambda: _make_folder("/"),
        "writing to Python's folder": lambda: _make_folder(os.path.dirname(os.__file__)),
        "memory": lambda: mmap.mmap(-1, limits.memory).close(),
        "a file over the limit": lambda: _fill(limits.disk + 1),
        "processes without a limit": lambda: _expect(resource.getrlimit(resource.RLIMIT_NPROC)[0] < 0),
        "home folder": lambda: os.listdir(os.path.expanduser("~root")),
    }
    if tier == 1:
        attacks["disk without a limit"] = lambda: _fill(limits.disk * 2 // 3, 2)
    if filtered:
        attacks["network sockets"] = lambda: socket.socket(socket.AF_INET).close()
    if outside is not None:
        attacks |= _on(outside, tier)
    if filtered:  # the last: in a new namespace the other attacks would mean little
        attacks["new namespaces"] = lambda: syscalls.unshare(syscalls.NEWUSER)
    return [name for name, attack in attacks.items() if _works(attack)]


def _on(outside: Outside, tier: int) -> dict[str, Callable[[], object]]:
    canary = os.path.join(outside.folder, "canary")
    address = ("127.0.0.1", outside.port)
    attacks: dict[str, Callable[[], object]] = {
        "reading a file outside": lambda: _read(canary),
        "writing a file outside": lambda: Path(canary).write_text(""),
        "making a file outside": lambda: Path(outside.folder, "new").touch(),
        "removing a file outside": lambda: os.unlink(canary),
        "truncating a file outside": lambda: os.truncate(canary, 0),
        "linking to a file outside": lambda: os.link(canary, "link"),
        "TCP to this machine": lambda: socket.create_connection(address, timeout=1).close(),
        "UDP to this machine": lambda: _send(address),
        "the sockets of services": lambda: _connect(os.path.join(outside.folder, "socket")),
    }
    # Seen by its effect from outside: where jobs have no users of their own, the call pretends to work.
    with suppress(OSError):
        os.chmod(canary, 0o600)
    if tier > 1:  # in a process namespace the number means nothing, or another process of the job
        attacks |= {
            "signals to others": lambda: os.kill(outside.victim, 0),
            "tracing others": lambda: _trace(outside.victim),
            "limits of others": lambda: resource.prlimit(outside.victim, resource.RLIMIT_CORE, (0, 0)),
        }
    else:
        attacks["other processes"] = lambda: _expect(len([p for p in os.listdir("/proc") if p.isdigit()]) > 1)
    return attacks


def _works(attack: Callable[[], object]) -> bool:
    try:
        attack()
    except (OSError, MemoryError, ValueError):
        return False
    return True


def _fail() -> None:
    raise OSError


def _expect(leak: bool) -> None:
    if not leak:
        raise OSError


def _read(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def _make_folder(parent: str) -> None:
    folder = tempfile.mkdtemp(dir=parent)
    os.rmdir(folder)


def _inherited() -> None:
    """Is there more in the environment, or in what /proc shows of it, than a job is given."""
    known = {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "LC_ALL",
        "MPLBACKEND",
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
    }
    with open("/proc/self/environ", "rb") as file:
        shown = file.read().strip(b"\0")
    _expect(bool(shown) or not set(os.environ) <= known)


def _fill(size: int, files: int = 1) -> None:
    """Make files of this many bytes each, in truth and not as a hole."""
    names = [f"fill{number}" for number in range(files)]
    try:
        for name in names:
            with open(name, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, size)
    finally:
        for name in names:
            with suppress(OSError):
                os.unlink(name)


def _send(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(address)
        udp.send(b"x")


def _connect(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect(path)


def _trace(pid: int) -> None:
    syscalls.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    syscalls.check(syscalls.libc.ptrace(_PTRACE_SEIZE, pid, None, None), "ptrace")
