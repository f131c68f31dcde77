"""Starts a fork server and talks to it: a warm process that forks one child a job.

Everything is imported before, so that a job starts in milliseconds. The server is `server`, run as a module.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograder.core.errors import GradingError
from autograder.grading.forkserver.protocol import MESSAGE, Forked, Order, Settings
from autograder.grading.rpc.channel import Broken, Channel
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import Report

ALWAYS = ("numpy", "numpy.random", "numpy.linalg", "autograder")
PLOTS = "matplotlib.pyplot"
"""Imported before the first fork. What no child needs costs each of them: a fork copies its page tables."""
PACKAGE = str(Path(__file__).resolve().parents[3])
"""The folder that holds the package."""


class Child:
    """A forked child, seen from the worker that asked for it."""

    def __init__(self, connection: Connection, channel: Channel, number: int):
        self._connection = connection
        self.channel = channel
        self.number = number

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in the cell that runs."""
        self._connection.tell({"op": "interrupt", "child": self.number})

    def end(self) -> None:
        """End the child and all it started."""
        self.channel.close()
        self._connection.tell({"op": "end", "child": self.number})


class Connection:
    """One worker's line to the fork server."""

    def __init__(self, sock: socket.socket):
        self.socket = sock

    def tell(self, order: Order) -> None:
        """Send an order, and wait for no answer."""
        with contextlib.suppress(OSError):
            self.socket.send(json.dumps(order).encode())

    def reset(self) -> None:
        """End every child of this connection, after a worker that used it died."""
        self.tell({"op": "reset"})
        self.socket.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            while json.loads(self.socket.recv(MESSAGE)).get("reset") is None:
                pass
        self.socket.settimeout(None)

    def fork(self) -> Child:
        """A fresh child. Raises Broken where the fork server is gone."""
        mine, theirs = socket.socketpair()
        try:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
            self.socket.sendmsg([b'{"op": "fork"}'], ancillary)
            reply = self.socket.recv(MESSAGE)
        except OSError as error:
            raise Broken(f"the fork server is gone: {error}") from None
        finally:
            theirs.close()
        if not reply:
            raise Broken("the fork server is gone")
        forked: Forked = json.loads(reply)
        return Child(self, Channel(mine, patient=True), forked["child"])


class ForkServer:
    """The fork server's process. Start it early: it imports while the caller does something else."""

    def __init__(
        self,
        workers: int,
        limits: Limits,
        lowest_tier: int = 2,
        force_tier: int | None = None,
        preload: Sequence[str] = (PLOTS,),
    ):
        """Start the process, and do not wait for it.

        Args:
            workers: How many connections are made.
            limits: What a child may use.
            lowest_tier: The weakest sandbox that is allowed; 3 allows to run without one.
            force_tier: The one sandbox tier to use, None for the best.
            preload: Modules to import besides `ALWAYS`; one that is missing is passed over.
        """
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        self.connections = [Connection(mine) for mine, _ in pairs]
        read, write = os.pipe()
        self._ready = os.fdopen(read)
        settings: Settings = {
            "sockets": [theirs.fileno() for _, theirs in pairs],
            "ready": write,
            "limits": asdict(limits),
            "lowest_tier": lowest_tier,
            "force_tier": force_tier,
            "preload": [*ALWAYS, *preload],
            "readable": sorted({sys.prefix, sys.base_prefix, f"{PACKAGE}/autograder"}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "autograder.grading.forkserver.server", json.dumps(settings)],
            env=_environment(),
            pass_fds=[write, *settings["sockets"]],
            stdin=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C in the terminal is the engine's business
        )
        os.close(write)
        for _, theirs in pairs:
            theirs.close()

    def wait(self) -> Report:
        """Wait until it is warm; return what its sandbox holds back. Raises GradingError."""
        line = self._ready.readline()
        self._ready.close()
        if not line:
            raise GradingError("the grader's fork server died while it started")
        answer = json.loads(line)
        if "error" in answer:
            raise GradingError(answer["error"])
        return Report.from_json(answer["report"])

    def close(self) -> None:
        """End the fork server and every child."""
        for connection in self.connections:
            connection.socket.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _environment() -> dict[str, str]:
    """All that the fork server gets of the environment."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
        "PYTHONPATH": PACKAGE,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/none",
        "IPYTHONDIR": "/tmp/none",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
