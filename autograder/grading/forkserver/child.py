"""What a forked child does: one side of one notebook, cell by cell, as the worker asks."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from autograder.grading.forkserver.kernel import Kernel, constants_of
from autograder.grading.rpc.channel import Broken, Channel, Frame
from autograder.grading.rpc.endpoints import StudentSide, TesterSide


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
        self.base: dict[str, Any] = {}
        self.student_names: frozenset[str] = frozenset()

    def emit(self, frame: Frame) -> None:
        """Send an output; cells may print from several threads."""
        with self.lock:
            self.channel.send(frame)

    def serve(self) -> None:
        """Answer requests, one after another."""
        self.loop = self.kernel.adopt(self.emit)
        while True:
            frame = self.channel.receive()
            kind = frame["type"]
            if kind == "files":
                write_files(frame["files"])
                os.environ.update(frame["environment"])
            elif kind == "steps":
                for step in frame["steps"]:
                    self._step(step)
                self.channel.uncork()
            elif kind == "first":
                self.student.first = frame["ref"]
            elif kind == "ask":
                self._respond(frame)
            elif kind == "prepare":
                self._prepare(frame)
            elif kind == "grade":
                self._grade(frame)

    # The student's side.

    def _step(self, step: Frame) -> None:
        """Run a cell, or hand over the values of names and wait where one of them is no plain value."""
        # Frames cost more than what a typed-in number does: they are sent together, but never kept back
        # while a cell runs that could hang or die, or the worker would not know which one did.
        if "code" in step:
            constants = constants_of(step["code"])
            if constants is None:
                self.channel.uncork()
                self._run(step)
            else:
                self.channel.corked = True
                done = self.kernel.assign(step["id"], step["code"], step["count"], constants)
                self.emit(done) if done else self._run(step)
            return
        values, waits = self.student.named(step["names"])
        self.emit({"type": "values", "id": step["id"], "values": values, "waits": waits})
        if waits:
            self.channel.uncork()
        while waits:
            frame = self.channel.receive()
            if frame["type"] == "ask":
                self._respond(frame)
            elif frame["type"] == "go":
                return

    def _respond(self, frame: Frame) -> None:
        """Answer a question of the tester's; an interrupt is an answer, too."""
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self.student.respond(frame)
        except KeyboardInterrupt:
            error = {"kind": "KeyboardInterrupt", "message": "", "traceback": ""}
            self.channel.send({"type": "answer", "body": {"error": error}})
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _run(self, frame: Frame) -> None:
        done = self.kernel.run(frame["id"], frame["code"], frame["count"])
        self.emit(self.loop.run_until_complete(done))

    # The tester's side.

    def _prepare(self, frame: Frame) -> None:
        """Become the tester: run the instructor's own cells, and keep the names that they define."""
        self.tester = TesterSide(self.channel)
        run_quietly(self.kernel, frame["cells"])
        self.student_names = frozenset(frame["student_names"])
        self.own = set(self.names) - self.student_names
        self.base = dict(self.names)

    def _grade(self, frame: Frame) -> None:
        assert self.tester is not None
        self.tester.classes = frozenset(frame["classes"])
        # What the instructor's cells defined stays; what was asked for and did not come is missing.
        wanted = [name for name in frame["wanted"] if name not in self.own]
        self.tester.bind({name: frame["values"].get(name) for name in wanted}, self.names)
        before = set(self.names)
        if frame["alone"]:  # another submission's cell may be next: it finds the names as this one did
            self.channel.corked = True
            self._run(frame)
            self.kernel.forget(self.base)
            if not self.channel.has_more():
                self.channel.uncork()
            return
        if frame["waits"]:
            self.channel.uncork()
        else:  # only the instructor's code runs, on plain values
            self.channel.corked = True
        self._run(frame)
        if not self.channel.has_more():
            self.channel.uncork()
        self.own |= set(self.names) - before - self.student_names


def run_quietly(kernel: Kernel, cells: Sequence[str]) -> None:
    """Run the instructor's cells. One that needs the student's work fails: its names are the student's."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        for source in cells:
            try:
                body = ast.parse(kernel.shell.transform_cell(source)).body
            except SyntaxError:
                continue
            for node in body:  # one that needs the student's work does not take the others with it
                with contextlib.suppress(Exception, SystemExit):
                    code = compile(ast.Module([node], []), "<instructor>", "exec")
                    exec(code, kernel.shell.user_ns)
    finally:
        sys.stdout, sys.stderr = streams


def write_files(files: dict[str, str]) -> None:
    """Write the assignment's files into the job's folder. Paths that lead out of it are passed over."""
    for name, data in files.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
