"""Attacks that several layers try from inside a job, and what they aim at; harmless where they succeed."""

# Attacks name the system call that they try.
# ruff: noqa: PTH106, PTH108, PTH111, PTH115, PTH118, PTH120, PTH123, PTH208

from __future__ import annotations

import ctypes
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.sandbox import syscalls

_SECRET = "not for the sandbox"
_PTRACE_SEIZE = 0x4206


@dataclass(frozen=True)
class Outside:
    """Things outside the sandbox that everybody on the machine could reach, so that only layers protect them.

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

    @property
    def canary(self) -> str:
        """The file that must stay as it is."""
        return os.path.join(self.folder, "canary")

    @property
    def address(self) -> tuple[str, int]:
        """Of the TCP listener."""
        return "127.0.0.1", self.port

    def damage(self) -> list[str]:
        """What is no longer as it was, seen from outside."""
        canary = Path(self.canary)
        found = []
        if sorted(os.listdir(self.folder)) != ["canary", "socket"] or canary.read_text() != _SECRET:
            found.append("files outside were changed")
        elif canary.stat().st_mode & 0o777 != 0o666:
            found.append("the mode of a file outside was changed")
        if os.waitpid(self.victim, os.WNOHANG)[0]:
            found.append("a process outside was ended")
        return found


def works(attack: Callable[[], object]) -> bool:
    """Whether the attack gets through."""
    try:
        attack()
    except (OSError, MemoryError, ValueError):
        return False
    return True


def gets_through_if(leak: bool) -> None:
    """The end of an attack that looks instead of acting. Raises OSError where there is no leak."""
    if not leak:
        raise OSError


def on_files(outside: Outside | None) -> dict[str, Callable[[], object]]:
    """Attacks on files that are not the job's."""
    found: dict[str, Callable[[], object]] = {
        "writing to the root": lambda: _make_folder("/"),
        "writing to Python's folder": lambda: _make_folder(os.path.dirname(os.__file__)),
        "home folder": lambda: os.listdir(os.path.expanduser("~root")),
    }
    if outside is not None:
        canary = outside.canary
        found |= {
            "reading a file outside": lambda: read(canary),
            "writing a file outside": lambda: Path(canary).write_text(""),
            "making a file outside": lambda: Path(outside.folder, "new").touch(),
            "removing a file outside": lambda: os.unlink(canary),
            "truncating a file outside": lambda: os.truncate(canary, 0),
            "linking to a file outside": lambda: os.link(canary, "link"),
            "the mode of a file outside": lambda: _seen_from_outside(lambda: os.chmod(canary, 0o600)),
        }
    return found


def on_network(outside: Outside | None) -> dict[str, Callable[[], object]]:
    """Attacks on this machine's network."""
    if outside is None:
        return {}
    return {
        "TCP to this machine": lambda: socket.create_connection(outside.address, timeout=1).close(),
        "UDP to this machine": lambda: _send(outside.address),
    }


def read(path: str) -> None:
    """Read a byte of a file."""
    with open(path, "rb") as file:
        file.read(1)


def fill(size: int, files: int = 1) -> None:
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


def connect(path: str) -> None:
    """Connect to the socket of a service."""
    with socket.socket(socket.AF_UNIX) as unix:
        unix.connect(path)


def trace(pid: int) -> None:
    """Begin to trace another process."""
    syscalls.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    syscalls.check(syscalls.libc.ptrace(_PTRACE_SEIZE, pid, None, None), "ptrace")


def namespace(kind: str) -> str:
    """Which namespace of a kind (`net`, `user`, ...) this process is in."""
    return os.readlink(f"/proc/self/ns/{kind}")


def _seen_from_outside(action: Callable[[], object]) -> None:
    """For what may pretend to work: `Outside.damage` says whether it did."""
    with suppress(OSError):
        action()
    raise OSError


def _make_folder(parent: str) -> None:
    folder = tempfile.mkdtemp(dir=parent)
    os.rmdir(folder)


def _send(address: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(address)
        udp.send(b"x")
