"""Whether grading slows down as the gradebook fills: 200 more submissions on top of 200, 1000 and 5000.

    python bench/growth.py [--more 200] [--rounds 3] [--sizes 200 1000 5000] [--plot]

Prints one JSON object; with --plot it also writes docs/images/growth.png. The class is the tests' tiny
course, every submission the same. What stands in the gradebook before is written through the ledger and not
run. The sizes take turns in each round, so that a busy machine is busy for all of them; a size counts with
its fastest round. Seconds are wall clock a submission:

- "marginal": from the first of the new submissions to the last commit;
- "started": the same with the engine's start, and the look at every submission that was graded before;
- "whole_class": what the command, with its table and grades.csv, would take a submission if it graded the
  whole class: marginal, and all else that the command does, spread over the class.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.authoring import sample_class
from autograder.authoring.building import build
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.course import course_toml as courses
from autograder.grading.dispatch import engine as engines
from autograder.grading.dispatch import jobs
from autograder.grading.dispatch.engine import Engine, Settings, default_workers
from autograder.grading.gradebook import take_snapshot
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.ledger import Ledger
from autograder.grading.sandbox.limits import Limits

ROOT = Path(__file__).resolve().parents[1]
NAME = "01-coins"
PICTURE = ROOT / "docs" / "images" / "growth.png"
SETTINGS = Settings(Limits(), default_workers())
ALLOWED = 1.25
"""How much longer a submission may take at the largest size than at the smallest."""


def make_course(folder: Path) -> Path:
    """The tiny course, built, as an nbgrader course with one submission of it, in `folder`/class."""
    root = folder / "course"
    ignored = shutil.ignore_patterns("source", "release", "work", ".*")
    shutil.copytree(ROOT / "tests" / "course", root, ignore=ignored)
    course = courses.read(root)
    build.build(course, course.lessons)
    sample_class.write(course, NAME, folder / "class")
    submitted = folder / "class" / "submitted"
    answers = sample_class.samples(evaluate.evaluate(lesson.read(course.path(NAME))))
    sample = next(one for one in answers if one.student.startswith("mistakes"))
    shutil.move(submitted / sample.student, folder / "sample")
    shutil.rmtree(submitted)
    return folder / "class"


def hand_in(folder: Path, sample: Path, students: Sequence[str]) -> None:
    """The same submission for each student. Hard links: what counts is the files' number."""
    for student in students:
        home = folder / "submitted" / student / NAME
        shutil.copytree(sample / NAME, home, copy_function=os.link)


def fill(folder: Path, students: Sequence[str]) -> None:
    """Bring the gradebook and autograded/ to where the students are graded: one is run, the others copied."""
    classroom = Classroom(folder)
    engine = Engine(SETTINGS)
    try:
        done = dict(engine.grade(classroom, NAME, students[:1]))[students[0]]
        tier = engine.report.tier
    finally:
        engine.close()
    assert done is not None and not done.reason, done
    taken = take_snapshot.take(classroom, NAME)
    ledger = Ledger(classroom, taken, engines.ENGINE)
    for number, student in enumerate(students[1:]):
        fingerprint = jobs.fingerprint(classroom, NAME, student, taken.digest)
        one = replace(done, student=student)
        ledger.record(jobs.graded_of(classroom, NAME, one, taken, fingerprint, tier))
        if number % engines.BATCH == 0:
            ledger.commit()
    ledger.close()


def grade_more(folder: Path, new: Sequence[str], everyone: Sequence[str]) -> dict[str, float]:
    """Seconds to grade `new`, who stand last in `everyone`: alone, and with the start."""
    classroom = Classroom(folder)
    begin = time.perf_counter()
    engine = Engine(SETTINGS)
    first, graded = 0.0, 0
    try:
        assert engine.report.tier  # warm before the clock of the submissions starts
        warm = time.perf_counter() - begin
        for _, done in engine.grade(classroom, NAME, everyone):
            if done is None:
                first = time.perf_counter()
                continue
            assert not done.reason, done.reason
            graded += 1
        end = time.perf_counter()
    finally:
        engine.close()
    assert graded == len(new)
    return {"marginal": end - first, "started": end - begin, "warm": warm}


def command(folder: Path) -> float:
    """Seconds of the whole command where there is nothing left to grade."""
    words = ["grade", "01", "--course", str(folder), "--json"]
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "autograder", *words], capture_output=True, check=True)
    return time.perf_counter() - begin


def measure(sizes: Sequence[int], more: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Fill a class of each size and let them take turns."""
    clean = make_course(folder)
    classes = {size: shutil.copytree(clean, folder / f"of-{size}") for size in sizes}
    students = {size: [f"a-{number:05d}" for number in range(size)] for size in sizes}
    found: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    for size, home in classes.items():
        hand_in(home, folder / "sample", students[size])
        fill(home, students[size])
    for turn in range(rounds):
        for size in sizes if turn % 2 == 0 else reversed(sizes):
            new = [f"b-{turn}-{number:05d}" for number in range(more)]
            hand_in(classes[size], folder / "sample", new)
            students[size] += new
            seconds = grade_more(classes[size], new, students[size])
            for name in ("marginal", "started"):
                found[size].setdefault(name, []).append(seconds[name] / more)
    report: dict[str, Any] = {}
    for size in sizes:
        rest = command(classes[size])
        marginal = min(found[size]["marginal"])
        report[str(size)] = {
            "marginal": marginal,
            "started": min(found[size]["started"]),
            "whole_class": marginal + rest / len(students[size]),
            "command_with_nothing_to_grade": rest,
            "rounds": found[size]["marginal"],
        }
    return report


def plot(report: dict[str, Any], path: Path) -> None:
    """Seconds a submission over the size of the gradebook."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    sizes = [int(size) for size in report["sizes"]]
    figure, axes = plt.subplots(figsize=(6, 3.4), dpi=100)
    for name, words, color in (
        ("marginal", f"{report['more']} more, start apart", "#0072B2"),
        ("whole_class", "whole class, start, table and grades.csv included", "#D55E00"),
    ):
        values = [1000 * report["sizes"][str(size)][name] for size in sizes]
        axes.plot(sizes, values, "o-", color=color, label=words)
    smallest = 1000 * report["sizes"][str(sizes[0])]["marginal"]
    axes.axhline(ALLOWED * smallest, color="0.5", ls=":", label=f"{ALLOWED} times the first")
    axes.set(xscale="log", xlabel="submissions in the gradebook before", ylabel="milliseconds a submission")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--more", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plot", action="store_true", help=f"write {PICTURE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(sys.stderr):
        sizes = measure(sorted(arguments.sizes), arguments.more, arguments.rounds, Path(temporary))
    report = {
        "cores": default_workers(),
        "load": os.getloadavg()[0],
        "more": arguments.more,
        "sizes": sizes,
    }
    for name in ("marginal", "whole_class"):
        values = [one[name] for one in sizes.values()]
        report[f"{name}_growth"] = values[-1] / values[0]
    if arguments.plot:
        plot(report, PICTURE)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
