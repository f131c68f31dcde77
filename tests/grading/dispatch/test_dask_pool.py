"""Grading on a Dask cluster: what the local pool gives, whatever happens to the workers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.core.errors import GradingError
from autograder.core.verdict import RIGHT
from autograder.grading.assignment.scoring import Mark, Marks
from autograder.grading.assignment.snapshot import NotebookSnapshot, Snapshot, SourceCell
from autograder.grading.dispatch import dask_worker as remote
from autograder.grading.dispatch import result_codec
from autograder.grading.execution import grade_submission
from autograder.grading.execution.grade_submission import ENGINE, Done, Job
from autograder.grading.sandbox.report import Report
from tests.support.cluster import Running, cluster
from tests.support.gradebooks import every_row, url_of
from tests.support.runs import NAME, finish, make_class, same

distributed = pytest.importorskip("distributed", reason="no Dask: pip install distributed")


# What comes from a worker is data.

CELL = SourceCell("a", "code", True, "", None, True, False, False, 2.0)
TAKEN = Snapshot("x", {"one": NotebookSnapshot("one", None, (CELL,), ())}, {}, frozenset(), -1, -1, "", "d")
JOB = Job("ann", {"one": b"{}"})
DONE = Done(
    "ann",
    {"one": (b'{"cells": []}', Marks((Mark("a", 1.5),), {"a": None}, {"a": RIGHT}))},
    ("a note",),
    0.25,
)


def test_a_result_comes_back_as_it_was():
    assert result_codec.unpacked(result_codec.parsed(result_codec.packed(DONE, 1)), JOB, TAKEN) == DONE
    refused = Done("ann", reason="its notebook is no notebook")
    assert result_codec.unpacked(result_codec.parsed(result_codec.packed(refused, 2)), JOB, TAKEN) == refused


def changed(path: str, value: Any) -> bytes:
    plain = json.loads(result_codec.packed(DONE, 1))
    *way, last = path.split("/")
    found: Any = plain
    for step in way:
        found = found[int(step) if step.isdigit() else step]
    found[int(last) if last.isdigit() else last] = value
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        b"\x80\x04.",
        b"[]",
        b"{}",
        b"[" * 100_000,
        changed("notebooks/two", {}),
        changed("notebooks/one/notebook", "no base64"),
        changed("notebooks/one/notebook", "e30="),
        changed("notebooks/one/marks/0/1", 3),
        changed("notebooks/one/marks/0/1", -1),
        changed("notebooks/one/marks/0/1", float("nan")),
        changed("notebooks/one/marks/0/1", True),
        changed("notebooks/one/marks/0/1", "2"),
        changed("notebooks/one/marks/0/0", "b"),
        changed("notebooks/one/comments", {"b": "x"}),
        changed("notebooks/one/verdicts", {"a": 1}),
        changed("notebooks", []),
        changed("notes", [1]),
        changed("reason", None),
        changed("seconds", "soon"),
        changed("seconds", None),
    ],
)
def test_whatever_else_comes_is_no_result(answer):
    with pytest.raises(result_codec.Malformed):
        result_codec.unpacked(result_codec.parsed(answer), JOB, TAKEN)


# Which workers grade.


def test_another_engine_is_refused(monkeypatch):
    asked = remote.asked_for({}, 2, [])
    monkeypatch.setattr(grade_submission, "ENGINE", "autograder 0")
    said = json.loads(remote.greet(asked))
    for engine in ("'autograder 0'", repr(ENGINE)):
        assert engine in said["refused"]
    assert "tier" not in said
    assert "refused" in json.loads(remote.work(asked, b"not read", b"not read"))


def test_a_worker_sends_no_exceptions():
    """They would come as pickles; one of a deep recursion kept the grader's connection from going on."""
    asked = remote.asked_for({}, 2, [])

    class Warm:
        tier, limits, connection = 1, None, None
        fork_server = type("", (), {"process": type("", (), {"poll": lambda self: None})()})()

    remote._warm[asked] = Warm()
    try:
        said = json.loads(remote.work(asked, b"not a pickle", b"not a pickle"))
    finally:
        remote._warm.pop(asked)
    assert said["failed"].startswith("UnpicklingError")


def test_a_tier_that_is_not_allowed_is_refused(monkeypatch):
    class NoWalls:
        connections = (None,)

        def __init__(self, workers, limits, lowest_tier, preload):
            self.lowest = lowest_tier

        def wait(self):
            if self.lowest < 3:
                raise GradingError("No sandbox works here; --no-sandbox grades without one.")
            return Report(3, ())

        def close(self):
            pass

    monkeypatch.setattr("autograder.grading.forkserver.client.ForkServer", NoWalls)
    assert "No sandbox works here" in json.loads(remote.greet(remote.asked_for({}, 2, [])))["refused"]
    asked = remote.asked_for({}, 3, [])
    assert json.loads(remote.greet(asked))["tier"] == 3
    remote._warm.pop(asked)


def test_no_scheduler_is_one_line():
    from autograder.grading.dispatch.dask_pool import Cluster

    with pytest.raises(GradingError, match=r"no Dask scheduler answers at nonsense://x .*dask scheduler"):
        Cluster("nonsense://x", "", print)


# The whole of it.


@pytest.fixture(scope="module")
def small(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 20, not graded, in which everybody thinks for a while."""
    folder = make_class(built_once, tmp_path_factory.mktemp("small"), 20)
    cell = {"cell_type": "code", "execution_count": None, "id": "think", "metadata": {}, "outputs": []}
    for path in (folder / "submitted").glob(f"*/{NAME}/*.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["cells"].insert(0, {**cell, "source": "import time\ntime.sleep(0.4)"})
        path.write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="module")
def by_the_pool(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = shutil.copytree(small, tmp_path_factory.mktemp("pool") / "class")
    finish(folder)
    return folder


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Two workers, each in an empty folder of its own."""
    with cluster(tmp_path / "cluster") as found:
        yield found


def grade(folder: Path, running: Running) -> subprocess.Popen[str]:
    """`autograder grade --scheduler`, begun."""
    words = command_without_workers(folder)
    return subprocess.Popen(
        [*words, "--scheduler", running.address],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, **running.options},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def command_without_workers(folder: Path) -> list[str]:
    return [sys.executable, "-m", "autograder", "grade", "01", "--course", str(folder), "--timeout", "10"]


def ended(run: subprocess.Popen[str]) -> str:
    """What the run said, in one line: where a terminal breaks lines hangs on the digits of a port."""
    said = run.communicate(timeout=240)[0]
    assert run.returncode == 0, said
    return " ".join(said.split())


def once_busy(running: Running, run: subprocess.Popen[str], seconds: float = 1.0) -> None:
    """Wait until workers have been at work for a while."""
    with distributed.Client(running.address, timeout=20, set_as_default=False) as client:
        while not any(len(keys) > 1 for keys in client.processing().values()):
            assert run.poll() is None, run.communicate()[0]
            time.sleep(0.05)
    time.sleep(seconds)
    assert run.poll() is None, "the run ended too early"


def below(pid: int, word: str) -> list[int]:
    """The processes that `pid` started, and theirs, with `word` in their command line."""
    psutil = pytest.importorskip("psutil")
    found = []
    for one in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it has just ended
            found += [one.pid] if any(word in part for part in one.cmdline()) else []
    return found


@pytest.mark.slow
def test_the_same_as_the_pool(small, by_the_pool, running, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    said = ended(grade(folder, running))
    assert said.count("grades at tier") == 2
    same(folder, by_the_pool)
    with distributed.Client(running.address, timeout=20, set_as_default=False) as client:
        done = client.run(
            lambda dask_worker: dask_worker.state.executed_count, workers=list(running.workers())
        )
    assert min(done.values()) > 5, "one worker did it all"
    # Nothing of the course is where the workers run.
    assert {path.name for path in running.folder.rglob("*") if path.is_file()} <= {"log", "scheduler.json"}
    again = ended(grade(folder, running))
    assert "5 of 7" in again
    same(folder, by_the_pool)


@pytest.mark.slow
def test_a_machine_that_is_lost_changes_nothing(small, by_the_pool, running, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    run = grade(folder, running)
    once_busy(running, run)
    os.killpg(running.processes[-1].pid, signal.SIGKILL)
    said = ended(run)
    assert "is gone; others do its work" in said and "distributed." not in said, said
    same(folder, by_the_pool)


@pytest.mark.slow
def test_a_worker_that_dies_and_one_that_comes_change_nothing(small, by_the_pool, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    with cluster(tmp_path / "cluster", workers=["one"]) as running:
        run = grade(folder, running)
        once_busy(running, run)
        (pid,) = below(running.processes[-1].pid, "spawn_main")
        os.kill(pid, signal.SIGKILL)  # its nanny starts another
        said = ended(run)
    assert said.count("grades at tier") == 2 and "is gone" in said, said
    same(folder, by_the_pool)


@pytest.mark.slow
def test_ctrl_c_and_on(small, by_the_pool, running, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    run = grade(folder, running)
    once_busy(running, run, 2.0)
    run.send_signal(signal.SIGINT)
    said = run.communicate(timeout=20)[0]
    assert run.returncode == 130 and "Traceback" not in said, said
    lines = [line for line in said.splitlines() if line.strip()]
    assert "the same command again goes on" in lines[-1]
    assert all("grades at tier" in line for line in lines[:-1]), said
    ended(grade(folder, running))
    same(folder, by_the_pool)


KILLER = """
import os
from autograder.grading.execution import grade_submission as worker
real = worker.real = getattr(worker, "real", worker.grade)  # a preload may be run twice
def grade(job, *rest):
    if any(b"ends its worker" in data for data in job.notebooks.values()):
        os._exit(1)
    return real(job, *rest)
worker.grade = grade
"""


@pytest.mark.slow
def test_a_submission_that_ends_its_workers_ends_alone(small, by_the_pool, tmp_path):
    folder = shutil.copytree(small, tmp_path / "class")
    path = folder / "submitted" / "student-007" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text().replace("import time", "# ends its worker\\nimport time"))
    (tmp_path / "killer.py").write_text(KILLER)
    with cluster(tmp_path / "cluster", workers=[]) as running:
        for name in ("one", "two"):
            running.work(name, "--preload", str(tmp_path / "killer.py"))
        said = ended(grade(folder, running))
    assert "3 workers of the cluster ended" in said and said.count("could not grade") == 2, said
    theirs, ours = (
        {row for row in every_row(url_of(one), {"when"}) if "student-007" not in row}
        for one in (by_the_pool, folder)
    )
    assert ours == theirs


@pytest.mark.slow
def test_a_worker_of_another_version_grades_nothing(small, by_the_pool, tmp_path):
    (tmp_path / "older.py").write_text(
        "import autograder.grading.execution.grade_submission as worker\nworker.ENGINE = 'autograder 0'\n"
    )
    folder = shutil.copytree(small, tmp_path / "class")
    with cluster(tmp_path / "cluster", workers=[]) as running:
        running.work("older", "--preload", str(tmp_path / "older.py"))
        run = grade(folder, running)
        said = " ".join(run.communicate(timeout=100)[0].split())
        assert run.returncode == 1 and "no worker of the cluster grades" in said and "autograder 0" in said
        assert "Traceback" not in said
        running.work("newer")
        said = ended(grade(folder, running))
    assert "does not grade" in said and "grades at tier" in said
    same(folder, by_the_pool)
