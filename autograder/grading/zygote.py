"""A warm process that forks one child a job: everything is imported before, so that a job starts in
milliseconds. `Zygote` starts one and talks to it; run as a module, this file is it.

The zygote is started by exec with a scrubbed environment and knows nothing but its settings: no test,
no gradebook, no submission is ever in the memory that students' processes are forked from.
"""

from __future__ import annotations

import array
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from autograder.core.errors import GradingError
from autograder.grading.channel import Broken, Channel
from autograder.grading.limits import Limits

ALWAYS = ("numpy", "numpy.random", "numpy.linalg", "autograder")
PLOTS = "matplotlib.pyplot"
"""Imported before the first fork. What no child needs costs each of them: a fork copies its page tables."""

_MESSAGE = 1 << 16


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
        self.shared: dict[Any, Any] = {}
        """What a worker keeps from one submission to the next."""

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message that has no answer."""
        with contextlib.suppress(OSError):
            self.socket.send(json.dumps(message).encode())

    def reset(self) -> None:
        """End every child of this connection, after a worker that used it died."""
        self.tell({"op": "reset"})
        self.socket.settimeout(1)
        with contextlib.suppress(OSError, ValueError):
            while json.loads(self.socket.recv(_MESSAGE)).get("reset") is None:
                pass
        self.socket.settimeout(None)

    def fork(self) -> Child:
        """A fresh child. Raises Broken where the zygote is gone."""
        mine, theirs = socket.socketpair()
        try:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
            self.socket.sendmsg([b'{"op": "fork"}'], ancillary)
            reply = self.socket.recv(_MESSAGE)
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
        package = str(Path(__file__).resolve().parents[2])
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
            [sys.executable, "-m", "autograder.grading.zygote", json.dumps({**settings, "ready": write})],
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


class _Server:
    """The zygote's loop: forks, interrupts and ends children as its workers ask."""

    def __init__(self, kernel: Any, sandbox: Any, sockets: Sequence[socket.socket]):
        self.kernel = kernel
        self.sandbox = sandbox
        self.sockets = list(sockets)
        self.children: dict[int, tuple[socket.socket, int]] = {}  # pid -> (whose, slot)

    def run(self) -> None:
        """Serve until the last worker hangs up."""
        while self.sockets:
            for sock in select.select(self.sockets, [], [])[0]:
                try:
                    data, ancillary, _, _ = sock.recvmsg(_MESSAGE, socket.CMSG_SPACE(4))
                except OSError:
                    data, ancillary = b"", []
                if data:
                    self._do(sock, json.loads(data), ancillary)
                else:
                    self._hang_up(sock)

    def _do(self, sock: socket.socket, message: dict[str, Any], ancillary: list[Any]) -> None:
        if message["op"] == "fork":
            descriptors = array.array("i")
            for _, _, data in ancillary:
                descriptors.frombytes(data[:4])
            self._fork(sock, descriptors[0])
            return
        if message["op"] == "reset":
            self._end_all(sock)
            with contextlib.suppress(OSError):
                sock.send(b'{"reset": true}')
            return
        pid = message["child"]
        if pid not in self.children:
            return
        if message["op"] == "interrupt":
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        else:
            self._end(pid)

    def _fork(self, sock: socket.socket, descriptor: int) -> None:
        taken = {slot for _, slot in self.children.values()}
        slot = next(number for number in range(len(taken) + 1) if number not in taken)
        self.sandbox.before_fork()
        pid = os.fork()
        if pid == 0:
            self._become_child(slot, descriptor)
        self.sandbox.after_fork(pid)
        os.close(descriptor)
        self.children[pid] = (sock, slot)
        with contextlib.suppress(OSError):
            sock.send(json.dumps({"child": pid}).encode())

    def _become_child(self, slot: int, descriptor: int) -> NoReturn:
        from autograder.grading.child import serve

        try:
            os.setsid()
            for sock in self.sockets:
                sock.close()
            # Anonymous files are made before the walls go up: inside, they would get around the disk limit.
            captured = self.kernel.capture()
            self.sandbox.confine(slot, keep=(descriptor, *captured))
            if "numpy" in sys.modules:
                sys.modules["numpy"].random.seed()
            serve(self.kernel, Channel(socket.socket(fileno=descriptor)))
        except BaseException as error:
            with contextlib.suppress(OSError):
                os.write(2, f"a child could not start: {error!r}\n".encode())
        os._exit(1)

    def _end(self, pid: int) -> None:
        # A child that died by itself stays a zombie until here, so that its number is nobody else's.
        _, slot = self.children.pop(pid)
        self.sandbox.end(pid, slot)

    def _hang_up(self, sock: socket.socket) -> None:
        self.sockets.remove(sock)
        sock.close()
        self._end_all(sock)

    def _end_all(self, sock: socket.socket) -> None:
        for pid in [pid for pid, (whose, _) in self.children.items() if whose is sock]:
            self._end(pid)


def main() -> None:
    """Be the zygote."""
    settings = json.loads(sys.argv[1])
    ready = os.fdopen(settings["ready"], "w")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what is imported stays; see the collection before the first fork
    try:
        import importlib

        sys.modules["debugpy"] = None  # type: ignore[assignment]  # ipykernel would load it; nobody debugs here
        from autograder.grading.child import serve  # noqa: F401  (imported before the fork)
        from autograder.grading.kernel import Kernel
        from autograder.grading.sandbox import Sandbox

        for name in settings["preload"]:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        kernel = Kernel()
        kernel.warm_up()
        sockets = [socket.socket(fileno=number) for number in settings["sockets"]]
        sandbox = Sandbox.enter(
            Limits(**settings["limits"]),
            settings["readable"],
            lowest=settings["lowest_tier"],
            force=settings["force_tier"],
        )
        gc.collect()
        gc.freeze()
        gc.enable()
    except Exception as error:
        ready.write(json.dumps({"error": str(error) or repr(error)}) + "\n")
        ready.close()
        raise SystemExit(1) from error
    try:
        os.write(ready.fileno(), json.dumps({"report": sandbox.report.to_json()}).encode() + b"\n")
        ready.close()
        _Server(kernel, sandbox, sockets).run()
    except BrokenPipeError:
        pass  # the engine was killed meanwhile
    finally:
        sandbox.close()


if __name__ == "__main__":
    main()
