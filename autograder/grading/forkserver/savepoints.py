"""Savepoints: forks of a student's process, each asleep in the state that it had at one grade cell.

A test that means what it means in nbgrader runs in the student's own process, after the student's cells
before it. Run there and then, it would leave its text and its names behind for the student's later cells.
So the process forks at the test's place; the fork sleeps until the student's last cell is done; then it is
given the test's text, runs it, says what came of it and ends. Nothing of a test reaches a cell of the
student's, in memory or printed.

What these processes say is the student's word, as it is in nbgrader: they hold the student's code.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, cast

from autograder.grading.forkserver.kernel import Kernel
from autograder.grading.rpc.channel import Broken, Channel
from autograder.grading.rpc.frames import DoneFrame, Reply, ResumeRequest

MOST_COPIED = 16 << 20
"""Bytes of the job's folder that a savepoint may have a copy of."""

# Taken before any of the student's code runs: a cell may replace what is in these modules.
_fork, _waitpid, _kill, _exit = os.fork, os.waitpid, os.kill, os._exit
_getstate, _setstate = random.getstate, random.setstate


@dataclass(frozen=True)
class _Savepoint:
    pid: int
    line: Channel
    """To the sleeping fork: the test's text goes down this line."""


Answering = Callable[[Channel, object], NoReturn]
"""What a fork of a savepoint does that answers questions: (its line, the state of `random`)."""


class Savepoints:
    """The savepoints of one student's process."""

    def __init__(self, kernel: Kernel, channel: Channel, emit: Callable[[Mapping[str, object]], None]):
        self.kernel = kernel
        self.channel = channel
        self.emit = emit
        self.taken: dict[str, _Savepoint] = {}

    def take(
        self,
        id: str,
        loop: asyncio.AbstractEventLoop,
        copy_files: bool,
        answering: Answering | None = None,
    ) -> Channel | None:
        """Fork here, and let the fork sleep until `run` gives it its test.

        Args:
            id: what the frames call the test's cell.
            loop: the process's event loop, in which tasks of the student's may be waiting.
            copy_files: whether the test touches files, so that it needs the folder as it is now.
            answering: what a fork of the savepoint is to do that `answer` begins.

        Returns:
            The line to that fork, where there is to be one.
        """
        self.kernel.flush()
        self.channel.uncork()
        ours, theirs = socket.socketpair()
        asking, asked = socket.socketpair() if answering else (None, None)
        folder = _copy_of_folder() if copy_files else None
        state = _getstate()
        pid = _fork()
        if pid == 0:
            ours.close()
            for other in self.taken.values():
                other.line.close()
            if asking:
                asking.close()
            self._sleep(Channel(theirs), loop, state, folder, asked, answering)
        theirs.close()
        self.taken[id] = _Savepoint(pid, Channel(ours))
        if asked:
            asked.close()
        return Channel(asking) if asking else None

    def answer(self, id: str) -> int:
        """Have a savepoint fork, to answer questions; return the fork's process id. Raises Broken."""
        point = self.taken.get(id)
        if point is None:
            raise Broken("there is no such savepoint")
        point.line.send({"type": "answer"})
        found = point.line.receive().get("pid")
        if type(found) is not int or not found:
            raise Broken("no process")
        return found

    def run(self, test: ResumeRequest) -> None:
        """Wake a savepoint with its test, and wait until it has ended.

        Its outputs go down the process's own channel, which only the fork uses meanwhile. An interrupt is
        passed on; a second one ends the fork.
        """
        point = self.taken.pop(test["id"], None)
        if point is None:
            self.emit(_lost(test["id"]))
            return
        interrupts = 0

        def pass_on(*_: object) -> None:
            nonlocal interrupts
            interrupts += 1
            _kill(point.pid, signal.SIGINT if interrupts == 1 else signal.SIGKILL)

        before = signal.signal(signal.SIGINT, pass_on)
        try:
            try:
                point.line.send(test)
            except Broken:  # the student's code ended it in its sleep
                _kill(point.pid, signal.SIGKILL)
            _, status = _waitpid(point.pid, 0)
        finally:
            signal.signal(signal.SIGINT, before)
            point.line.close()
        if status != 0:
            self.emit(_lost(test["id"]))

    def _sleep(
        self,
        line: Channel,
        loop: asyncio.AbstractEventLoop,
        state: object,
        folder: Path | None,
        asked: socket.socket | None,
        answering: Answering | None,
    ) -> NoReturn:
        """In the fork: wait for the test, run it, and end without a trace."""
        try:
            _setstate(state)  # type: ignore[arg-type]  # Python seeds `random` anew in every fork
            if folder is not None:
                os.chdir(folder)
            message = line.receive()
            if asked and answering:
                if message.get("type") == "answer":
                    line.send({"pid": _forked(line, lambda: answering(Channel(asked), state))})
                    message = line.receive()
                asked.close()
            test = cast(ResumeRequest, message)  # of the worker, which is ours
            self.kernel.go_on_in_fork()
            if not asyncio.all_tasks(loop):
                # The old loop's selector is shared with the parent, as every descriptor is.
                loop = self.kernel.adopt(self.emit)
            for code in test["before"]:
                loop.run_until_complete(self.kernel.run_unseen(code))
            self.channel.corked = True
            self.emit(loop.run_until_complete(self.kernel.run(test["id"], test["code"], test["count"])))
            self.channel.uncork()
        except BaseException:
            _exit(1)
        _exit(0)


def _forked(line: Channel, work: Callable[[], NoReturn]) -> int:
    """Fork once more, for `work`; return the process id, 0 where there are too many processes."""
    try:
        pid = _fork()
    except OSError:
        return 0
    if pid == 0:
        line.close()
        work()
    return pid


def _copy_of_folder() -> Path | None:
    """A copy of the working folder for one test; None where it is too large to be copied."""
    here = Path.cwd()
    size = 0
    for path in here.rglob("*"):
        if path.is_file() and not path.is_symlink():
            size += path.stat().st_size
    if size > MOST_COPIED:
        return None
    made = Path(tempfile.mkdtemp(prefix="savepoint-")) / "folder"
    shutil.copytree(here, made, symlinks=True, ignore=shutil.ignore_patterns("savepoint-*"))
    return made


def _lost(id: str) -> DoneFrame:
    """The frame for a test whose savepoint ended without a word."""
    reply: Reply = {"status": "error", "ename": "DeadKernelError", "evalue": "Kernel died", "traceback": []}
    return {"type": "done", "id": id, "reply": reply}
