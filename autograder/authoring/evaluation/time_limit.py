"""Code of a lesson has a time limit: what hangs is stopped, and the line where it hung is named.

Two means, the gentle one first. A signal raises TooLong in the code, again and again, for code may catch
everything. Where that does not help (such a loop, or a library's compiled code, in which Python looks at no
signal), faulthandler's own thread ends the process a little later and writes down where it was; that is done
in processes of `workers` and `parallel` alone, whose parent reads it (`Notes`).
"""

from __future__ import annotations

import contextlib
import faulthandler
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO

from autograder.core.errors import Problem
from autograder.course.time_limits import DEFAULT

GRACE = 2.0
"""Seconds from the first signal to the end of the process."""
_AGAIN = 0.2  # seconds between the signals

_seconds: ContextVar[float] = ContextVar("seconds", default=DEFAULT)
_notes: ContextVar[IO[str] | None] = ContextVar("notes", default=None)
_WHERE = re.compile(r'^ *File "(.*)", line (\d+)', re.M)


class TooLong(BaseException):
    """The time is up, in line `line`. No Exception, so that an `except Exception` lets it through."""

    def __init__(self, line: int):
        self.line = line
        super().__init__(line)


@contextlib.contextmanager
def allowed(seconds: float) -> Iterator[None]:
    """Within this block, each piece of a lesson's code may take `seconds`."""
    token = _seconds.set(seconds)
    try:
        yield
    finally:
        _seconds.reset(token)


def problem(path: Path, line: int, seconds: float | None = None) -> Problem:
    """The problem of code that does not end.

    Args:
        path: The lesson.
        line: The 1-based line where the code was when its time was up.
        seconds: The time limit, None for the one in force.
    """
    limit = _seconds.get() if seconds is None else seconds
    return Problem(
        path,
        line,
        f"this code had not ended after {limit:g} seconds; this is where it was",
        "Mend the loop. If it needs longer, allow it in lessons/course.toml, for each piece of code:"
        f" seconds = {2 * limit:g}",
    )


class Limit:
    """A block in which code of a lesson runs, as `with Limit(path, line):`. Raises TooLong after it.

    Args:
        path: The lesson.
        line: The 1-based line that is named where none of the lesson's own lines is running: that of the
            cell. A library that draws what a cell described is such a case.
    """

    def __init__(self, path: Path, line: int):
        self._path = path
        self._line = line
        self._late: int | None = None
        self._inside = False
        self._before: Callable[[int, FrameType | None], object] | int | None = None
        # Only there can a signal be taken; elsewhere the process's own end is the only limit.
        self._signals = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        seconds, notes = _seconds.get(), _notes.get()
        if notes:
            notes.seek(0)
            notes.truncate()
            notes.write(f"{seconds!r}\n{self._path}\n{self._line}\n")
            notes.flush()
            faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=notes)
        if self._signals:
            self._before = signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        self._inside = True

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        try:
            self._inside = False
        finally:
            if self._signals:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, self._before)
            if _notes.get():
                faulthandler.cancel_dump_traceback_later()
        if self._late is not None:  # also where the code caught what was raised in it
            raise TooLong(self._late) from None

    def _ring(self, _: int, frame: FrameType | None) -> None:
        if not self._inside:
            return
        if self._late is None:
            self._late = _line_in(self._path, frame) or self._line
        raise TooLong(self._late)


def _line_in(path: Path, frame: FrameType | None) -> int | None:
    """The innermost line of the lesson's own that `frame` is in; None where it is in none."""
    while frame and frame.f_code.co_filename != str(path):
        frame = frame.f_back
    return frame.f_lineno if frame else None


class Notes:
    """A file in which a process leaves where it was when it was ended. Its parent makes it, and reads it."""

    def __init__(self, path: Path):
        self._path = path
        path.touch()

    def keep(self) -> None:
        """Let this process write them from now on; where it hangs, its own watchdog ends it."""
        file = self._path.open("w", encoding="utf-8")
        _notes.set(file)
        # A crash of compiled code leaves its line, too.
        faulthandler.enable(file)

    def read(self) -> Problem | None:
        """What to tell the author of a process that is gone; None where it left nothing."""
        written = self._path.read_text(encoding="utf-8", errors="replace").split("\n", 3)
        if len(written) < 4:
            return None
        seconds, path, first, dump = written
        # The main thread comes last in a dump, its innermost call first.
        calls = _WHERE.findall(dump[max(dump.rfind("hread 0x"), 0) :])
        line = next((int(line) for file, line in calls if Path(file).name == Path(path).name), int(first))
        if "Timeout" in dump:
            return problem(Path(path), line, float(seconds))
        what = "crashed Python" if calls else "ended Python itself"
        return Problem(Path(path), line, f"code of this lesson {what}", "Look for a call that ends Python.")
