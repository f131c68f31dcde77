"""What a cluster gives: submissions a second with one worker and with two, and how many the grader can take.

    python bench/cluster.py [--submissions 100] [--rounds 2] [--ledger 500]

Prints one JSON object. The class is the tests' tiny course, every submission the same. All of the cluster
runs on this machine, so two workers share its cores with the scheduler and the grader: two cores show less
than two machines would. A rate counts with its fastest round, start apart.

- "submissions_a_second": of the local pool and of a cluster, by the number of workers;
- "grader_ms": processor time of the grading process a submission, with a cluster: what one grader costs;
- "ledger": submissions a second that are written where nothing else is to be done, files and rows;
- "saturated_at": so many workers as fast as the one measured keep one grader busy: the smaller of its own
  ceiling (1000 / grader_ms) and the ledger's, over the rate of one worker.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

import pytest  # noqa: E402
from growth import NAME, hand_in, make_course  # noqa: E402

from autograder.grading.dispatch import engine as engines  # noqa: E402
from autograder.grading.dispatch import jobs  # noqa: E402
from autograder.grading.gradebook import take_snapshot  # noqa: E402
from autograder.grading.dispatch.engine import Engine  # noqa: E402
from autograder.grading.dispatch.engine import Settings  # noqa: E402
from autograder.grading.dispatch.engine import default_workers  # noqa: E402
from autograder.grading.gradebook.ledger import Ledger  # noqa: E402
from autograder.grading.sandbox.limits import Limits  # noqa: E402
from autograder.grading.gradebook.registration import register  # noqa: E402
from autograder.grading.gradebook.course_directory import Classroom  # noqa: E402
from tests.support import postgres  # noqa: E402
from tests.support.cluster import cluster  # noqa: E402

numbers = itertools.count()


def fresh(clean: Path, sample: Path, count: int) -> tuple[Path, list[str]]:
    """A class that nobody has graded."""
    folder = shutil.copytree(clean, clean.parent / f"class-{next(numbers)}")
    students = [f"s-{number:05d}" for number in range(count)]
    hand_in(folder, sample, students)
    return folder, students


def rate(settings: Settings, folder: Path, students: list[str]) -> tuple[float, float]:
    """Submissions a second from the first to the last commit, and this process's own seconds for each."""
    classroom = Classroom(folder)
    register(classroom, NAME)
    engine = Engine(settings)
    try:
        first = True
        for _, done in engine.grade(classroom, NAME, students):
            assert done and not done.reason, done
            if first:  # everybody is warm
                begin, busy, first = time.perf_counter(), time.process_time(), False
        seconds, own = time.perf_counter() - begin, time.process_time() - busy
    finally:
        engine.close()
    shutil.rmtree(folder)
    return (len(students) - 1) / seconds, own / (len(students) - 1)


def ledger(folder: Path, students: list[str]) -> float:
    """Submissions a second that the ledger writes, in the engine's batches; one is run, for its result."""
    classroom = Classroom(folder)
    engine = Engine(Settings(Limits(), 1))
    try:
        done = dict(engine.grade(classroom, NAME, students[:1]))[students[0]]
    finally:
        engine.close()
    assert done is not None and not done.reason
    taken = take_snapshot.take(classroom, NAME)
    book = Ledger(classroom, taken, engines.ENGINE)
    rest = [
        jobs.graded_of(classroom, NAME, replace(done, student=one), taken, f"print of {one}", 1)
        for one in students[1:]
    ]
    begin = time.perf_counter()
    for number, one in enumerate(rest, 1):
        book.record(one)
        if number % engines.BATCH == 0:
            book.commit()
    book.close()
    seconds = time.perf_counter() - begin
    shutil.rmtree(folder)
    return len(rest) / seconds


@contextlib.contextmanager
def databases() -> Iterator[Callable[[str], str] | None]:
    """Makes PostgreSQL databases; None where there is no PostgreSQL."""
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(postgres.server())
        except pytest.skip.Exception:
            yield None


def measure(clean: Path, sample: Path, count: int, rounds: int, rows: int) -> dict[str, Any]:
    """All of it."""
    rates: dict[str, float] = {}
    own: list[float] = []
    report: dict[str, Any] = {"submissions": count, "submissions_a_second": rates}
    for workers in (1, 2):
        local = Settings(Limits(), workers)
        found = [rate(local, *fresh(clean, sample, count))[0] for _ in range(rounds)]
        rates[f"pool of {workers}"] = max(found)
        with cluster(clean.parent / f"cluster-{workers}", ["one", "two"][:workers]) as running:
            remote = Settings(Limits(), workers, scheduler=running.address)
            both = [rate(remote, *fresh(clean, sample, count)) for _ in range(rounds)]
        rates[f"cluster of {workers}"] = max(one for one, _ in both)
        own += [seconds for _, seconds in both]
    report["grader_ms"] = 1000 * min(own)
    written = report["ledger"] = {"submissions": rows}
    written["sqlite"] = max(ledger(*fresh(clean, sample, rows + 1)) for _ in range(rounds))
    with databases() as make:
        if make:
            speeds = []
            for turn in range(rounds):
                folder, students = fresh(clean, sample, rows + 1)
                with (folder / "nbgrader_config.py").open("a") as config:
                    config.write(f"\nc.CourseDirectory.db_url = {make(f'bench-{turn}')!r}\n")
                speeds.append(ledger(folder, students))
            written["postgresql"] = max(speeds)
    one = rates["cluster of 1"]
    report["from_1_to_2"] = rates["cluster of 2"] / one
    report["saturated_at"] = {
        name: min(speed, 1000 / report["grader_ms"]) / one
        for name, speed in written.items()
        if name != "submissions"
    }
    return report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ledger", type=int, default=500)
    arguments = parser.parse_args()
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(sys.stderr):
        clean = make_course(Path(temporary))
        found = measure(
            clean, Path(temporary, "sample"), arguments.submissions, arguments.rounds, arguments.ledger
        )
    report = {"cores": default_workers(), "load_before": before, "load_after": os.getloadavg()[0], **found}
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
