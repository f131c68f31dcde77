"""What a forked child does: one side of one notebook, cell by cell, as the worker asks."""

from __future__ import annotations

import base64
import builtins
import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

from autograder.grading.channel import Broken, Channel, Frame
from autograder.grading.kernel import Kernel
from autograder.grading.wall import StudentSide, TesterSide


def serve(kernel: Kernel, channel: Channel) -> NoReturn:
    """Work until the channel closes, then end the process without a trace."""
    try:
        _Child(kernel, channel).serve()
    except Broken:
        pass
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc().encode())
    os._exit(0)


class _Child:
    def __init__(self, kernel: Kernel, channel: Channel):
        self.kernel = kernel
        self.channel = channel
        self.names: dict[str, Any] = kernel.shell.user_ns
        self.lock = threading.Lock()
        self.student = StudentSide(channel, self.names)
        self.tester: TesterSide | None = None
        self.own: set[str] = set()
        self.student_names: frozenset[str] = frozenset()

    def emit(self, frame: Frame) -> None:
        """Send an output; cells may print from several threads."""
        with self.lock:
            self.channel.send(frame)

    def serve(self) -> None:
        """Answer requests, one after another."""
        loop = self.kernel.adopt(self.emit)
        while True:
            frame = self.channel.receive()
            kind = frame["type"]
            if kind == "files":
                write_files(frame["files"])
                os.environ.update(frame["environment"])
            elif kind == "run":
                done = loop.run_until_complete(self.kernel.run(frame["id"], frame["code"], frame["count"]))
                self.emit(done)
            elif kind == "ask":
                self._interruptible(self.student.respond, frame)
            elif kind == "prepare":
                self._prepare(frame)
            elif kind == "grade":
                self._interruptible(self._bind, frame)
                done = loop.run_until_complete(self.kernel.run(frame["id"], frame["code"], frame["count"]))
                self.emit(done)

    def _interruptible(self, call: Any, frame: Frame) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            call(frame)
        except KeyboardInterrupt:
            # Between the student's code and the answer: the question is answered all the same.
            if frame["type"] == "ask":
                error = {"kind": "KeyboardInterrupt", "message": "", "traceback": ""}
                self.channel.send({"type": "answer", "body": {"error": error}})
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _prepare(self, frame: Frame) -> None:
        """Become the tester: run the instructor's own cells, and keep the names that they define."""
        self.tester = TesterSide(self.channel, frozenset(frame["classes"]))
        before = set(self.names)
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
        try:
            for source in frame["cells"]:
                # A cell that needs the student's work fails here; its names come from the student.
                with contextlib.suppress(Exception, SystemExit):
                    code = self.kernel.shell.transform_cell(source)
                    exec(compile(code, "<instructor>", "exec"), self.names)
        finally:
            sys.stdout, sys.stderr = streams
        self.student_names = frozenset(frame["student_names"])
        self.own = (set(self.names) - before) - self.student_names
        self.emit({"type": "prepared"})

    def _bind(self, frame: Frame) -> None:
        """Bring over the names that a grade cell reads and that the tester does not define itself."""
        assert self.tester is not None
        asked = self.student_names
        wanted = [
            name
            for name in frame["read"]
            if name not in self.own and (name in asked or not hasattr(builtins, name))
        ]
        self.tester.bind(wanted, self.names)
        # What a grade cell itself defines is the tester's from then on.
        self.own |= set(frame["set"]) - asked


def write_files(files: dict[str, str]) -> None:
    """Write the assignment's files into the job's folder. Paths that lead out of it are passed over."""
    for name, data in files.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
