"""The fork server: run as a module, it imports everything once, then forks a child for every job.

It is started by exec with a scrubbed environment and knows nothing but its settings: no test, no
gradebook, no submission is ever in the memory that students' processes are forked from.
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
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from autograder.grading.forkserver.protocol import MESSAGE, Forked, Order, Settings
from autograder.grading.rpc.channel import Channel
from autograder.grading.sandbox.limits import Limits

if TYPE_CHECKING:  # imported in `_warm_up`, after what must be set before
    from autograder.grading.forkserver.kernel import Kernel
    from autograder.grading.sandbox.tiers.confinement import Sandbox

Ancillary = Sequence[tuple[int, int, bytes]]
"""What came with a message besides its bytes: a file descriptor, as `recvmsg` gives it."""


class _Server:
    """The fork server's loop: forks, interrupts and ends children as its workers ask."""

    def __init__(self, kernel: Kernel, sandbox: Sandbox, sockets: Sequence[socket.socket]):
        self.kernel = kernel
        self.sandbox = sandbox
        self.sockets = list(sockets)
        self.children: dict[int, tuple[socket.socket, int]] = {}  # pid -> (whose, slot)

    def run(self) -> None:
        """Serve until the last worker hangs up."""
        while self.sockets:
            for sock in select.select(self.sockets, [], [])[0]:
                try:
                    data, ancillary, _, _ = sock.recvmsg(MESSAGE, socket.CMSG_SPACE(4))
                except OSError:
                    data, ancillary = b"", []
                if data:
                    self._obey(sock, json.loads(data), ancillary)
                else:
                    self._hang_up(sock)

    def _obey(self, sock: socket.socket, order: Order, ancillary: Ancillary) -> None:
        if order["op"] == "fork":
            descriptors = array.array("i")
            for _, _, data in ancillary:
                descriptors.frombytes(data[:4])
            self._fork(sock, descriptors[0])
            return
        if order["op"] == "reset":
            self._end_all(sock)
            with contextlib.suppress(OSError):
                sock.send(b'{"reset": true}')
            return
        pid = order["child"]
        if pid not in self.children:
            return
        if order["op"] == "interrupt":
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
        forked: Forked = {"child": pid}
        with contextlib.suppress(OSError):
            sock.send(json.dumps(forked).encode())

    def _become_child(self, slot: int, descriptor: int) -> NoReturn:
        from autograder.grading.forkserver.child import serve

        try:
            os.setsid()
            for sock in self.sockets:
                sock.close()
            # Anonymous files are made outside the sandbox: inside, they would get around the disk limit.
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


def _warm_up(settings: Settings) -> tuple[Kernel, Sandbox]:
    """Import everything, enter the sandbox, and leave nothing for the garbage collector to move."""
    import importlib

    sys.modules["debugpy"] = None  # type: ignore[assignment]  # ipykernel would load it; nobody debugs here
    from autograder.grading.forkserver.child import serve  # noqa: F401  (imported before the fork)
    from autograder.grading.forkserver.kernel import Kernel
    from autograder.grading.sandbox.tiers.confinement import Sandbox

    for name in settings["preload"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    kernel = Kernel()
    kernel.warm_up()
    sandbox = Sandbox.enter(
        Limits(**settings["limits"]),  # type: ignore[arg-type]  # `asdict` of one
        settings["readable"],
        lowest=settings["lowest_tier"],
        force=settings["force_tier"],
    )
    gc.collect()
    gc.freeze()
    gc.enable()
    return kernel, sandbox


def main() -> None:
    """Be the fork server."""
    settings: Settings = json.loads(sys.argv[1])
    ready = os.fdopen(settings["ready"], "w")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what is imported stays; see the collection before the first fork
    sockets = [socket.socket(fileno=number) for number in settings["sockets"]]
    try:
        kernel, sandbox = _warm_up(settings)
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
