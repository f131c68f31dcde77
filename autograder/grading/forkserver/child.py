"""What a forked child does: it runs the student's cells of one notebook, or its tests, as the worker asks."""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn, cast

from autograder.grading.forkserver.kernel import Kernel, constants_of
from autograder.grading.forkserver.question_forks import QuestionForks
from autograder.grading.forkserver.savepoints import Savepoints
from autograder.grading.rpc.channel import Broken, Channel
from autograder.grading.rpc.exactness import crossed_exactly
from autograder.grading.rpc.frames import (
    GradeFrame,
    PrepareFrame,
    ResumeRequest,
    RunRequest,
    SavepointRequest,
    StepRequest,
    TakenFrame,
    ValuesFrame,
    ValuesRequest,
    WorkerFrame,
)
from autograder.grading.rpc.object_endpoint import ObjectEndpoint
from autograder.grading.rpc.proxy_endpoint import ProxyEndpoint


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
    """The kernel of one notebook, the worker's line to it, and both ends of the RPC boundary.

    A child uses one end: that of the student's objects, or, once it was prepared, that of the proxies.
    """

    def __init__(self, kernel: Kernel, channel: Channel):
        self.kernel = kernel
        self.channel = channel
        self.names: dict[str, object] = kernel.shell.user_ns
        self.lock = threading.Lock()
        self.objects = ObjectEndpoint(channel, self.names)
        self.savepoints = Savepoints(kernel, channel, self.emit)
        self.questions = QuestionForks(self.objects, self.savepoints, channel)
        self.proxies: ProxyEndpoint | None = None
        self.own: set[str] = set()
        self.base: dict[str, object] = {}
        self.student_names: frozenset[str] = frozenset()

    def emit(self, frame: Mapping[str, object]) -> None:
        """Send an output; cells may print from several threads."""
        with self.lock:
            self.channel.send(frame)

    def serve(self) -> None:
        """Do what the worker asks, one frame after another."""
        self.loop = self.kernel.adopt(self.emit)
        while True:
            self._obey(self._next_frame())

    def _next_frame(self) -> WorkerFrame:
        return cast(WorkerFrame, self.channel.receive())  # the worker is ours

    def _obey(self, frame: WorkerFrame) -> None:
        if frame["type"] == "files":
            write_files(frame["files"])
            os.environ.update(frame["environment"])
        elif frame["type"] == "steps":
            for step in frame["steps"]:
                self._do_step(step)
            self.channel.uncork()
        elif frame["type"] == "first":
            self.questions.number_from(frame["ref"])
        elif frame["type"] == "ask":
            self.questions.respond(frame)
        elif frame["type"] == "prepare":
            self._prepare(frame)
        elif frame["type"] == "grade":
            self._grade(frame)

    # In the student's child. Frames cost more than what a typed-in number does: they are sent together, but
    # never kept back while a cell runs that could hang or die, or the worker would not know which one did.

    def _do_step(self, step: StepRequest) -> None:
        if step["kind"] == "run":
            self._run_cell(step)
        elif step["kind"] == "values":
            self._hand_over(step)
        elif step["kind"] == "savepoint":
            self._take_savepoint(step)
        elif step["kind"] == "serve":
            self.channel.uncork()
            self.questions.serve(step["id"])
        else:
            self._resume(step)

    def _run_cell(self, step: RunRequest) -> None:
        constants = constants_of(step["code"])
        if constants is None:
            self.channel.uncork()
            self._run(step)
            return
        self.channel.corked = True
        done = self.kernel.assign(step["id"], step["code"], step["count"], constants)
        self.emit(done) if done else self._run(step)

    def _hand_over(self, step: ValuesRequest) -> None:
        """Send the values of names; where one of them is no plain value, fork, to be asked about it later."""
        values, waits = self.objects.named(step["names"])
        wanted = step["savepoint"]
        taken = wanted == "always" or (wanted == "inexact" and not crossed_exactly(values))
        if taken:
            answering = self.questions.answering() if waits else None
            line = self.savepoints.take(step["id"], self.loop, step["copy_files"], answering)
            if line:
                self.questions.taken(step["id"], line)
        elif waits:
            self.kernel.flush()
            self.channel.uncork()
            self.questions.take(step["id"])
        found: ValuesFrame = {"type": "values", "id": step["id"], "values": values}
        self.emit(found)

    def _take_savepoint(self, step: SavepointRequest) -> None:
        self.savepoints.take(step["id"], self.loop, step["copy_files"])
        taken: TakenFrame = {"type": "taken", "id": step["id"]}
        self.emit(taken)

    def _resume(self, step: ResumeRequest) -> None:
        self.channel.uncork()
        self.savepoints.run(step)

    def _run(self, cell: RunRequest | GradeFrame) -> None:
        done = self.kernel.run(cell["id"], cell["code"], cell["count"])
        self.emit(self.loop.run_until_complete(done))

    # In the tester's child.

    def _prepare(self, frame: PrepareFrame) -> None:
        """Become the tester: run the instructor's own cells, and keep the names that they define."""
        self.proxies = ProxyEndpoint(self.channel)
        run_quietly(self.kernel, frame["cells"])
        self.student_names = frozenset(frame["student_names"])
        self.own = set(self.names) - self.student_names
        self.base = dict(self.names)

    def _grade(self, frame: GradeFrame) -> None:
        assert self.proxies is not None
        self.proxies.next_test(frozenset(frame["classes"]))
        # What the instructor's cells defined stays; what was asked for and did not come is missing.
        wanted = [name for name in frame["wanted"] if name not in self.own]
        self.proxies.bind({name: frame["values"].get(name) for name in wanted}, self.names)
        before = set(self.names)
        if frame["may_ask"]:
            self.channel.uncork()
        else:  # only the instructor's code runs, on plain values
            self.channel.corked = True
        self._run(frame)
        if frame["alone"]:  # another submission's cell may be next: it finds the names as this one did
            self.kernel.forget(self.base)
        else:
            self.own |= set(self.names) - before - self.student_names
        if not self.channel.has_more():
            self.channel.uncork()


def run_quietly(kernel: Kernel, cells: Sequence[str]) -> None:
    """Run the instructor's cells. One that needs the student's work fails: its names are the student's."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        for source in cells:
            with kernel.unseen():
                _run_statements(kernel, source)
    finally:
        sys.stdout, sys.stderr = streams


def _run_statements(kernel: Kernel, source: str) -> None:
    """Run a cell's statements: one that needs the student's work does not take the others with it."""
    try:
        body = ast.parse(kernel.shell.transform_cell(source)).body
    except SyntaxError:
        return
    for node in body:
        with contextlib.suppress(Exception, SystemExit):
            exec(compile(ast.Module([node], []), "<instructor>", "exec"), kernel.shell.user_ns)


def write_files(files: Mapping[str, str]) -> None:
    """Write the assignment's files into the job's folder. Paths that lead out of it are passed over."""
    for name, data in files.items():
        path = Path(name)
        if path.is_absolute() or ".." in path.parts:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
