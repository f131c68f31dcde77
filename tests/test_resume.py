"""A run that is killed at any moment, or stopped by Ctrl-C, goes on; nothing is lost and nothing twice."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.authoring import course as courses
from autograder.classroom import demo, table
from autograder.grading.engine import Settings
from autograder.grading.limits import Limits
from autograder.grading.registration import register
from autograder.grading.stock import Classroom
from tests.gradebooks import every_row, url_of

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

It is below a second, but a zygote that is at its imports notices only after them: long on a busy machine.
"""
_CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


@pytest.fixture(autouse=True)
def orphans() -> Iterator[None]:
    """Let the orphans of a killed run become children of this process, where `descendants` finds them."""
    if not sys.platform.startswith("linux"):
        pytest.skip("needs Linux's /proc")
    prctl = ctypes.CDLL(None).prctl
    prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    prctl(_CHILD_SUBREAPER, 0, 0, 0, 0)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


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


def in_commit(folder: Path, graded: int) -> Callable[[], bool]:
    """While the gradebook is written to, and the notebooks of so many students are there already."""
    journal = folder / "gradebook.db-journal"
    left_behind = journal.stat().st_mtime_ns if journal.exists() else None  # by a run that was killed

    def reached() -> bool:
        try:
            if journal.stat().st_mtime_ns == left_behind:
                return False
        except FileNotFoundError:
            return False
        with contextlib.suppress(FileNotFoundError):
            return len(os.listdir(folder / "autograded")) >= graded  # noqa: PTH208
        return graded == 0

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


@pytest.fixture(scope="module")
def small(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 20, not graded."""
    return make_class(built_once, tmp_path_factory.mktemp("small"), 20)


@pytest.fixture(scope="module")
def large(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 100, not graded."""
    return make_class(built_once, tmp_path_factory.mktemp("large"), 100)


def make_class(course: Path, folder: Path, students: int) -> Path:
    demo.write(courses.read(course), NAME, folder)
    shutil.move(folder / "submitted", folder / "samples")
    for number in range(students):
        sample = folder / "samples" / SAMPLES[number % len(SAMPLES)]
        shutil.copytree(sample, folder / "submitted" / f"student-{number:03d}")
    # And one that cannot be graded.
    shutil.rmtree(folder / "submitted" / "student-003")
    shutil.copytree(folder / "samples" / "missing-notebook", folder / "submitted" / "student-003")
    shutil.rmtree(folder / "samples")
    return folder


@pytest.mark.slow
def test_killed_twice(small, tmp_path):
    undisturbed, folder = (shutil.copytree(small, tmp_path / name) for name in ("undisturbed", "killed"))
    finish(undisturbed)
    assert kill_when(folder, in_commit(folder, 1))
    assert kill_when(folder, in_commit(folder, 1))
    finish(folder)
    same(folder, undisturbed)


@pytest.mark.slow
def test_killed_at_twenty_moments(large, tmp_path):
    undisturbed = shutil.copytree(large, tmp_path / "undisturbed")
    begin = time.monotonic()
    finish(undisturbed)
    whole = time.monotonic() - begin
    # Five classes, each killed four times: so that there is enough left to be killed in.
    rng = random.Random(3)
    moments = [whole * (number + rng.random()) / 15 for number in range(15)]
    rng.shuffle(moments)
    hits = 0
    for number in range(5):
        folder = shutil.copytree(large, tmp_path / f"killed-{number}")
        for seconds in sorted(moments[3 * number : 3 * number + 3]):
            hits += kill_when(folder, after(seconds))
        # The fourth while a commit is written: the first of the run, one on the way, the last.
        wanted = (0, 1, 51, 90, 99)[number]
        if wanted:
            shutil.rmtree(folder)
            shutil.copytree(large, folder)
        hits += kill_when(folder, in_commit(folder, wanted))
        finish(folder)
        same(folder, undisturbed)
    assert hits >= 12, f"only {hits} of 20 kills came before the run's end"


@pytest.mark.parametrize("later", [0.1, 0.3])
def test_ctrl_c_while_it_starts(small, tmp_path, later):
    """While the zygote imports: Python itself has no word for a Ctrl-C before that."""
    stopped(shutil.copytree(small, tmp_path / "stopped"), started(later))


def started(later: float) -> Callable[[], bool]:
    """So many seconds after the run started its first process."""
    before = set(descendants())
    seen = 0.0

    def reached() -> bool:
        nonlocal seen
        if not seen and len(set(descendants()) - before) > 1:
            seen = time.monotonic()
        return bool(seen) and time.monotonic() >= seen + later

    return reached


def stopped(folder: Path, moment: Callable[[], bool]) -> str:
    """Press Ctrl-C at a moment; all ends in time with one line that says how to go on."""
    before = set(descendants())
    run = start(folder)
    while run.poll() is None and not moment():
        pass
    assert run.poll() is None, "the run ended before it could be stopped"
    os.killpg(run.pid, signal.SIGINT)
    left = all_gone(before, GONE)
    said = run.communicate()[0]
    assert not left, f"still alive {GONE} s after Ctrl-C: {left}\n{said}"
    assert run.returncode in (1, 130), (run.returncode, said)
    assert "Traceback" not in said, said
    lines = [line for line in said.splitlines() if line.strip()]
    assert len(lines) == 1 and "again" in lines[0], said
    return said


def graded_in(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(folder / "gradebook.db")) as database:
        return database.execute("SELECT count(*) FROM autograder_ledger").fetchone()[0]


def endless(folder: Path) -> None:
    """Let two students submit a loop each, which keep both workers for as long as a cell may run."""
    for student in ("student-012", "student-013"):
        path = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
        text = path.read_text()
        assert '"import math\\n"' in text
        loop = '"cell_type": "code", "execution_count": null, "id": "loop", "metadata": {}, "outputs": []'
        cells, rest = text.split('"cells": [', 1)
        loop = "{" + loop + ', "source": "import time\\ntime.sleep(90)"},'
        path.write_text(f'{cells}"cells": [{loop}{rest}')


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_graded(small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "stopped")
    undisturbed = shutil.copytree(small, tmp_path / "undisturbed")
    finish(undisturbed)
    endless(folder)
    stopped(folder, busy())
    assert graded_in(folder) >= 10
    for student in ("student-012", "student-013"):
        shutil.copytree(small / "submitted" / student, folder / "submitted" / student, dirs_exist_ok=True)
    finish(folder)
    same(folder, undisturbed)


def busy() -> Callable[[], bool]:
    """When no process came or went for 2 s, and there are enough: both workers wait for a loop."""
    before = set(descendants())
    seen: tuple[set[int], float] = set(), 0.0

    def reached() -> bool:
        nonlocal seen
        time.sleep(0.05)
        now = set(descendants()) - before
        if now != seen[0]:
            seen = now, time.monotonic()
        return len(now) >= 6 and time.monotonic() - seen[1] > 2

    return reached


@pytest.mark.slow
def test_killed_while_students_loop(small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "killed")
    endless(folder)
    assert kill_when(folder, busy())


def test_ctrl_c_between_two_submissions(small, tmp_path, monkeypatch):
    """Where the interrupt comes while the table is at work and not the engine."""
    folder = shutil.copytree(small, tmp_path / "stopped")
    seen = []

    def update(*_: Any, **__: Any) -> None:
        seen.append(1)
        if len(seen) == 12:
            raise KeyboardInterrupt

    monkeypatch.setattr(table.Progress, "update", update)
    before = set(descendants())
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        table.grade_and_show(folder, "01", (), Settings(Limits(cell_seconds=10), workers=2))
    left = all_gone(before, 5)
    assert not left, left
    assert graded_in(folder) >= 11
    assert time.monotonic() - begin < 50, "it waited for a cell"


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False], ids=["known gradebook", "no gradebook"])
@pytest.mark.parametrize("shared", [True, False], ids=["same students", "other students"])
def test_two_engines_at_once(small, tmp_path, known, shared):
    undisturbed, folder = (shutil.copytree(small, tmp_path / name) for name in ("undisturbed", "both"))
    finish(undisturbed)
    if known:
        finish(folder, "--student", "student-000")
    students = sorted(path.name for path in (folder / "submitted").iterdir())
    halves = [students, students] if shared else [students[:10], students[10:]]
    runs = [start(folder, *(word for one in half for word in ("--student", one))) for half in halves]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(said)
    same(folder, undisturbed)


@pytest.mark.parametrize(
    "word", ["CREATE TABLE student", "CREATE TABLE alembic_version", "INSERT INTO alembic"]
)
def test_killed_while_the_gradebook_is_made(small, tmp_path, word):
    """nbgrader notes the version of its tables last, and only in a gradebook that had none before."""
    undisturbed, folder = (shutil.copytree(small, tmp_path / name) for name in ("undisturbed", "killed"))
    assert registered(undisturbed) == 0
    assert registered(folder, kill_after=word) == 9
    assert registered(folder) == 0
    assert every_row(url_of(folder), set()) == every_row(url_of(undisturbed), set())


def registered(folder: Path, kill_after: str = "") -> int:
    """Register the lesson in a process of its own, which dies after a statement; its exit code."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:

        def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if kill_after and kill_after in " ".join(statement.split()):
                os._exit(9)

        event.listen(Engine, "after_cursor_execute", look)
        register(Classroom(folder), NAME)
        os._exit(0)
    finally:
        os._exit(1)
