"""Runs of `autograder grade` in processes of their own, to be killed, stopped and compared."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from autograder.authoring import sample_class
from autograder.course import course_toml as courses
from tests.support.gradebooks import every_row, url_of

NAME = "01-coins"
SAMPLES = (
    "all-right",
    "mistakes-01",
    "mistakes-02",
    "first-half",
    "syntax-error",
    "all-blank",
    "mistakes-03",
)
GONE = 20.0
"""Seconds within which every process must have ended after its run was killed or stopped.

It is below a second, but a fork server notices only after its imports: long on a busy machine.
"""


def descendants() -> dict[int, str]:
    """Every living process below this one, by its number, with its command line."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state not in "ZX":
                parents[int(folder.name)] = int(parent)
    found: dict[int, str] = {}
    below = {os.getpid()}
    while below:
        below = {pid for pid, parent in parents.items() if parent in below}
        for pid in below:
            with contextlib.suppress(OSError):
                found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:80]
    return found


def all_gone(before: set[int], seconds: float = GONE) -> dict[int, str]:
    """What is left after `seconds` of the processes started since `before`; it is killed then."""
    end = time.monotonic() + seconds
    while left := {pid: line for pid, line in descendants().items() if pid not in before}:
        if time.monotonic() > end:
            for pid in left:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    return left


def command(folder: Path, *options: str, lesson: str = "01") -> list[str]:
    # No loop of `endless` may end by itself, however slow the machine: its mark would be in the history.
    words = ["grade", lesson, "--course", str(folder), "--workers", "2", "--timeout", "60"]
    return [sys.executable, "-m", "autograder", *words, *options]


def start(folder: Path, *options: str, lesson: str = "01") -> subprocess.Popen[str]:
    """`autograder grade` as from a terminal: a process group of its own."""
    return subprocess.Popen(
        command(folder, *options, lesson=lesson),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Where the tests themselves run in the background, a shell has told them to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def finish(folder: Path, *options: str, lesson: str = "01") -> None:
    words = command(folder, *options, lesson=lesson)
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def kill_when(folder: Path, moment: Callable[[], bool]) -> bool:
    """Start a run and kill its main process at a moment; whether it still ran. All must be gone then."""
    before = set(descendants())
    run = start(folder)
    while run.poll() is None and not moment():
        pass
    running = run.poll() is None
    run.kill()
    run.wait()
    left = all_gone(before)
    said = run.stdout.read() if run.stdout else ""
    assert not left, f"still alive {GONE} s after the main process was killed: {left}"
    assert "Traceback" not in said, said
    return running


def after(seconds: float) -> Callable[[], bool]:
    """A moment so many seconds from now."""
    end = time.monotonic() + seconds

    def reached() -> bool:
        time.sleep(0.001)
        return time.monotonic() >= end

    return reached


def files(folder: Path) -> dict[str, bytes]:
    """Everything that a run leaves but the gradebook: autograded notebooks, grades.csv."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "gradebook.db"
    }


def same(folder: Path, undisturbed: Path) -> None:
    """Assert that two classes were graded to the same end, also in what the ledger says of it.

    The rows of grades.csv stand in the order in which the students came into the gradebook.
    """
    ours, theirs = files(folder), files(undisturbed)
    for one in (ours, theirs):
        one["grades.csv"] = b"".join(sorted(one["grades.csv"].splitlines(True)))
    assert set(ours) == set(theirs)
    assert [name for name, data in ours.items() if data != theirs[name]] == []
    assert every_row(url_of(folder), {"when"}) == every_row(url_of(undisturbed), {"when"})


def make_class(course: Path, folder: Path, students: int) -> Path:
    sample_class.write(courses.read(course), NAME, folder)
    shutil.move(folder / "submitted", folder / "samples")
    for number in range(students):
        sample = folder / "samples" / SAMPLES[number % len(SAMPLES)]
        shutil.copytree(sample, folder / "submitted" / f"student-{number:03d}")
    # And one that cannot be graded.
    shutil.rmtree(folder / "submitted" / "student-003")
    shutil.copytree(folder / "samples" / "missing-notebook", folder / "submitted" / "student-003")
    shutil.rmtree(folder / "samples")
    return folder
