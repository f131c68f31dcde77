"""A run that is killed at any moment, or stopped by Ctrl-C, goes on; nothing is lost and nothing twice."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import Event, SubmissionDone, grade_course
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.registration import register
from autograder.grading.sandbox.limits import Limits
from tests.support.gradebooks import every_row, url_of
from tests.support.runs import (
    GONE,
    NAME,
    after,
    all_gone,
    descendants,
    finish,
    kill_when,
    make_class,
    same,
    start,
)

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


@pytest.fixture(scope="module")
def small(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 20, not graded."""
    return make_class(built_once, tmp_path_factory.mktemp("small"), 20)


@pytest.fixture(scope="module")
def large(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 100, not graded."""
    return make_class(built_once, tmp_path_factory.mktemp("large"), 100)


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
    """While the fork server imports: Python itself has no word for a Ctrl-C before that."""
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


def test_ctrl_c_between_two_submissions(small, tmp_path):
    """Where the interrupt comes while the table is at work and not the engine."""
    folder = shutil.copytree(small, tmp_path / "stopped")
    seen = []

    def tell(event: Event) -> None:
        seen.append(isinstance(event, SubmissionDone))
        if sum(seen) == 12:
            raise KeyboardInterrupt

    before = set(descendants())
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        grade_course(folder, "01", settings=Settings(Limits(cell_seconds=10), workers=2), tell=tell)
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
