"""Lessons are made in processes of their own, on all cores: what hangs or crashes there is an error here."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Generic, TypeVar

from autograder.authoring.evaluation import process_map
from autograder.authoring.evaluation.time_limit import Notes
from autograder.core.errors import AutograderError, BuildError, LessonError

Made = TypeVar("Made")
_FOREVER = 10.0  # seconds to wait for a process that was killed


def each_lesson(
    make: Callable[[str], Made], lessons: Sequence[str]
) -> Iterator[tuple[str, Made | AutograderError]]:
    """(lesson, what `make` returned, or the AutograderError it raised), in order, on all cores.

    `make` and what it returns must be picklable. A lesson alone has the other cores for its own code.
    A lesson whose process dies is an error with the line where it was; the others go on.
    """
    cores = min(os.cpu_count() or 1, len(lessons))
    waiting, idle, made = deque(lessons), list[_Worker[Made]](), list[_Worker[Made]]()
    at_work: dict[Connection, _Worker[Made]] = {}
    outcomes: dict[str, Made | AutograderError] = {}
    with tempfile.TemporaryDirectory(prefix="lesson-code-") as folder:
        try:
            for lesson in lessons:
                while lesson not in outcomes:
                    while waiting and len(at_work) < cores:
                        if not idle:
                            idle.append(_Worker(make, Path(folder), alone=cores == 1))
                            made.append(idle[-1])
                        worker = idle.pop()
                        worker.begin(waiting.popleft())
                        at_work[worker.pipe] = worker
                    ready = wait(list(at_work))
                    for worker in [one for pipe, one in at_work.items() if pipe in ready]:
                        del at_work[worker.pipe]
                        done, outcomes[worker.lesson] = worker.outcome()
                        if done:
                            idle.append(worker)
                yield lesson, outcomes.pop(lesson)
        finally:
            for worker in made:
                worker.end()


class _Worker(Generic[Made]):
    """A process that makes one lesson after another."""

    def __init__(self, make: Callable[[str], Made], folder: Path, alone: bool):
        """Start the process.

        Args:
            make: What it does with the name of a lesson; picklable.
            folder: Where it keeps temporary files.
            alone: Whether no other worker uses the cores, so that it may use them all.
        """
        start = multiprocessing.get_context("fork" if sys.platform.startswith("linux") else None)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        self._notes = Notes(Path(name))
        self.lesson = ""
        self.pipe, theirs = start.Pipe()
        self._process = start.Process(
            target=_work, args=(theirs, make, self._notes, alone, os.getpid(), str(folder)), daemon=True
        )
        self._process.start()
        self._ended = False
        theirs.close()  # so that its death is the end of the pipe

    def begin(self, lesson: str) -> None:
        """Let it make a lesson."""
        self.lesson = lesson
        # One that has just died is met when its outcome is asked for.
        with contextlib.suppress(OSError):
            self.pipe.send(lesson)

    def outcome(self) -> tuple[bool, Made | AutograderError]:
        """(whether it can make another lesson, what became of this one). Raises RuntimeError for a bug."""
        try:
            kind, value = self.pipe.recv()
        except (EOFError, OSError):
            self.end()
            return False, self._death()
        if kind == "bug":
            raise RuntimeError(f"{self.lesson}:\n{value}")
        return True, value

    def _death(self) -> AutograderError:
        left = self._notes.read()
        if left:
            return LessonError(left)
        return BuildError(f"the process that made {self.lesson} died (code {self._process.exitcode})")

    def end(self) -> None:
        """No process of it is left when this returns."""
        if self._ended:  # its number may be another process's by now
            return
        self._ended = True
        self.pipe.close()
        if self._process.pid and hasattr(os, "killpg"):
            # With it goes what it has started. It made itself the head of a group; if it had not come so far
            # yet, there is none.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join(_FOREVER)


def _work(
    pipe: Connection, make: Callable[[str], object], notes: Notes, alone: bool, parent: int, folder: str
) -> None:
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    process_map.die_with(parent)
    notes.keep()
    process_map.take_cores(alone)
    tempfile.tempdir = folder  # what a process that is ended leaves there goes with the folder
    with contextlib.suppress(EOFError, OSError):  # the parent is gone, or has had enough
        while True:
            lesson = pipe.recv()
            pipe.send(_outcome(make, lesson))


def _outcome(make: Callable[[str], object], lesson: str) -> tuple[str, object]:
    try:
        return "made", make(lesson)
    except AutograderError as error:
        return "made", error
    except Exception:
        return "bug", traceback.format_exc()
