"""A warm process that forks one child a job: everything is imported before, so that a job starts in
milliseconds. `Zygote` starts one, which is `server` run as a module, and talks to it.
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
from typing import Any

from autograder.core.errors import GradingError
from autograder.grading.forkserver.protocol import MESSAGE
from autograder.grading.rpc.channel import Broken, Channel
from autograder.grading.sandbox.limits import Limits

ALWAYS = ("numpy", "numpy.random", "numpy.linalg", "autograder")
PLOTS = "matplotlib.pyplot"
"""Imported before the first fork. What no child needs costs each of them: a fork copies its page tables."""


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
    """One worker's line to the zygote."""

    def __init__(self, sock: socket.socket):
        self.socket = sock

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message that has no answer."""
        with contextlib.suppress(OSError):
            self.socket.send(json.dumps(message).encode())

    def reset(self) -> None:
        """End every child of this connection, after a worker that used it died."""
        self.tell({"op": "reset"})
        self.socket.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            while json.loads(self.socket.recv(MESSAGE)).get("reset") is None:
                pass
        self.socket.settimeout(None)

    def fork(self) -> Child:
        """A fresh child. Raises Broken where the zygote is gone."""
        mine, theirs = socket.socketpair()
        try:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
            self.socket.sendmsg([b'{"op": "fork"}'], ancillary)
            reply = self.socket.recv(MESSAGE)
        except OSError as error:
            raise Broken(f"the zygote is gone: {error}") from None
        finally:
            theirs.close()
        if not reply:
            raise Broken("the zygote is gone")
        return Child(self, Channel(mine, patient=True), json.loads(reply)["child"])


class Zygote:
    """The zygote process. Start it early: it imports while the caller does something else."""

    def __init__(
        self,
        workers: int,
        limits: Limits,
        lowest_tier: int = 2,
        force_tier: int | None = None,
        preload: Sequence[str] = (PLOTS,),
    ):
        """`workers` connections are made; `lowest_tier` 3 allows to run without a sandbox.

        `preload` are modules to import besides `ALWAYS`; one that is missing is passed over.
        """
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(workers)]
        self.connections = [Connection(mine) for mine, _ in pairs]
        package = str(Path(__file__).resolve().parents[3])
        sockets = [theirs.fileno() for _, theirs in pairs]
        settings = {
            "sockets": sockets,
            "limits": asdict(limits),
            "lowest_tier": lowest_tier,
            "force_tier": force_tier,
            "preload": [*ALWAYS, *preload],
            "readable": sorted({sys.prefix, sys.base_prefix, f"{package}/autograder"}),
        }
        read, write = os.pipe()
        self._ready = os.fdopen(read)
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin:/usr/bin:/bin"]),
            "PYTHONPATH": package,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "MPLCONFIGDIR": "/tmp/none",
            "IPYTHONDIR": "/tmp/none",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "autograder.grading.forkserver.server",
                json.dumps({**settings, "ready": write}),
            ],
            env=environment,
            pass_fds=[write, *sockets],
            stdin=subprocess.DEVNULL,
            process_group=0,  # a Ctrl-C in the terminal is the engine's business
        )
        os.close(write)
        for _, theirs in pairs:
            theirs.close()

    def wait(self) -> Any:
        """Wait until it is warm; returns the sandbox's report. Raises GradingError."""
        line = self._ready.readline()
        self._ready.close()
        answer: dict[str, Any] = (
            json.loads(line) if line else {"error": "the grader's zygote died while it started"}
        )
        if "error" in answer:
            raise GradingError(answer["error"])
        return answer["report"]

    def close(self) -> None:
        """End the zygote and every child."""
        for connection in self.connections:
            connection.socket.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
