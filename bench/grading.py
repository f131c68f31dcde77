"""Grading: stock nbgrader, the engine, and the floor (fork and bare exec), on the same work in one run.

    python bench/grading.py [--stock 8] [--engine 300] [--only pen-and-paper]

Prints one JSON object. Seconds are wall clock on this machine, a submission, start-up included; ratios are
against stock nbgrader in the same run. Stock runs with its own defaults (it runs the figures). For both
the gradebook is there and knows the assignment, as it does once a class has been handed its notebooks.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring import sample_class
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import default_workers
from autograder.grading.gradebook.course_directory import Classroom

ROOT = Path(__file__).resolve().parents[1]
NAME = "03-maximum-likelihood-and-the-kl-view"
CODING = "kl-on-a-grid"
PLOT = (
    "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    "ax.plot(np.linspace(0, 1, 100), np.linspace(0, 1, 100) ** 2)\nax.set_title('stored')\nplt.show()"
)
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]])}


def make_course(folder: Path, kind: str, students: int) -> None:
    """An nbgrader course with `students` submissions; `kind` is pen-and-paper, plot or whole."""
    course = courses.read(ROOT)
    source = nbformat.read(str(ROOT / "source" / NAME / f"{NAME}.ipynb"), as_version=4)
    release = nbformat.read(str(ROOT / "release" / NAME / f"{NAME}.ipynb"), as_version=4)
    for notebook in (source, release):
        # Flashcards and progress are no part of grading, and stock nbgrader is to run figures, not them.
        notebook.cells = [
            cell for cell in notebook.cells if cell.id not in ("03-setup", "03-review", "03-progress")
        ]
        if kind != "whole":
            notebook.cells = [
                cell for cell in notebook.cells if CODING not in cell.id and "given-4" not in cell.id
            ]
        if kind == "plot":
            first = next(n for n, cell in enumerate(notebook.cells) if cell.id == "03-given-1")
            notebook.cells.insert(first + 1, nbformat.v4.new_code_cell(PLOT, id="plot"))
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for name, notebook in (("source", source), ("release", release)):
        home = folder / name / NAME
        home.mkdir(parents=True)
        nbformat.write(notebook, str(home / f"{NAME}.ipynb"))
        shutil.copy(ROOT / "release" / NAME / "lesson.json", home)
    samples = [
        sample
        for sample in sample_class.samples(evaluate.evaluate(lesson.read(course.path(NAME))))
        if sample.answers is not None and sample.student not in ("endless-loop", "syntax-error")
    ]
    for number in range(students):
        answers = samples[number % len(samples)].answers or {}
        home = folder / "submitted" / f"student-{number:05d}" / NAME
        home.mkdir(parents=True)
        nbformat.write(sample_class.filled_in(release, answers), str(home / f"{NAME}.ipynb"))
        shutil.copy(ROOT / "release" / NAME / "lesson.json", home)


def stock(folder: Path, students: int) -> float:
    """Seconds a submission of `nbgrader autograde`, its imports apart: they are paid once a class."""
    config = folder / "nbgrader_config.py"
    text = config.read_text()
    config.write_text(text.replace('c.Execute.skip_cells_with_tag = "not-graded"', ""))
    try:
        code = (
            "import sys, time; from pathlib import Path\n"
            "from autograder.grading.gradebook.course_directory import Classroom\n"
            "room = Classroom(Path(sys.argv[1])); room.register(sys.argv[2])\n"
            "import nbgrader.converters\n"
            "start = time.perf_counter()\n"
            "for student in sys.argv[3:]: room.autograde(sys.argv[2], student)\n"
            "print(time.perf_counter() - start)"
        )
        names = [f"student-{number:05d}" for number in range(students)]
        command = [sys.executable, "-c", code, str(folder), NAME, *names]
        said = subprocess.check_output(command, text=True, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        return float(said.split()[-1]) / students
    finally:
        config.write_text(text)
        shutil.rmtree(folder / "autograded")
        (folder / "gradebook.db").unlink()
        Classroom(folder).register(NAME)


def engine(folder: Path, students: int, *options: str) -> dict[str, float]:
    """Seconds a submission of `autograder grade`, start-up included, and the peak PSS of its processes."""
    command = [sys.executable, "-m", "autograder", "grade", "03", "--course", str(folder), "--json", *options]
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = Peak(process.pid)
    said, _ = process.communicate()
    seconds = time.perf_counter() - start
    found = json.loads(said)["results"]
    assert len(found) == students and not any(result["reason"] for result in found), found[:2]
    return {"seconds": seconds / students, "total": seconds, "peak_pss_mb": peak.stop()}


class Peak:
    """Watches the proportional set size of a process and all it started."""

    def __init__(self, pid: int):
        self.pid, self.most, self.going = pid, 0.0, True
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while self.going:
            self.most = max(self.most, sum(map(_pss, _tree(self.pid))))
            time.sleep(0.2)

    def stop(self) -> float:
        """The most that was seen, in MB."""
        self.going = False
        self.thread.join()
        return round(self.most / 1024, 1)


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _pss(pid: int) -> float:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return float(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0.0


def floor(folder: Path, students: int) -> float:
    """Seconds a submission of forking a warm process and running the same cells with bare exec."""
    import matplotlib.pyplot  # noqa: F401
    import numpy.linalg
    import numpy.random  # noqa: F401

    import autograder  # noqa: F401

    source = nbformat.read(str(folder / "source" / NAME / f"{NAME}.ipynb"), as_version=4)
    tests = {
        c.metadata.nbgrader.grade_id: c.source
        for c in source.cells
        if c.metadata.get("nbgrader", {}).get("grade")
    }
    cells: list[list[str]] = []
    for number in range(students):
        path = folder / "submitted" / f"student-{number:05d}" / NAME / f"{NAME}.ipynb"
        notebook = json.loads(path.read_text())
        cells.append(
            [
                tests.get(cell["metadata"].get("nbgrader", {}).get("grade_id"), "".join(cell["source"]))
                for cell in notebook["cells"]
                if cell["cell_type"] == "code" and "not-graded" not in cell["metadata"].get("tags", ())
            ]
        )
    here = Path.cwd()
    os.chdir(folder / "source" / NAME)
    start = time.perf_counter()
    workers = default_workers()
    pids = []
    for share in range(workers):
        pid = os.fork()
        if pid == 0:
            for one in cells[share::workers]:
                child = os.fork()
                if child == 0:
                    _bare(one)
                os.waitpid(child, 0)
            os._exit(0)
        pids.append(pid)
    for pid in pids:
        os.waitpid(pid, 0)
    seconds = time.perf_counter() - start
    os.chdir(here)
    return seconds / students


def _bare(cells: list[str]) -> Any:
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for cell in cells:
            with contextlib.suppress(BaseException):
                exec(compile(cell, "<cell>", "exec"), names)
    os._exit(0)


def cold(folder: Path) -> dict[str, float]:
    """One submission, from the shell, to its end: the engine's command and nbgrader's."""
    times = {}
    student = "student-00000"
    commands = {
        "engine": [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            "03",
            "--course",
            ".",
            "--student",
            student,
            "--force",
        ],
        "stock": [sys.executable, "-m", "nbgrader", "autograde", NAME, "--student", student, "--force"],
    }
    for name, command in commands.items():
        best = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
            best.append(time.perf_counter() - start)
        times[name] = sorted(best)[1]
    return {**times, "engine_of_stock": times["engine"] / times["stock"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stock", type=int, default=8)
    parser.add_argument("--engine", type=int, default=300)
    parser.add_argument("--only", choices=("pen-and-paper", "plot", "whole"))
    arguments = parser.parse_args()
    report: dict[str, Any] = {"cores": default_workers(), "python": sys.version.split()[0]}
    for kind in ("pen-and-paper", "plot", "whole"):
        if arguments.only not in (None, kind):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            make_course(folder, kind, arguments.engine)
            theirs = stock(folder, arguments.stock)
            ours = engine(folder, arguments.engine)
            lowest = floor(folder, arguments.engine)
            report[kind] = {
                "stock": theirs,
                "engine": ours,
                "floor": lowest,
                "times_faster_than_stock": theirs / ours["seconds"],
                "times_the_floor": ours["seconds"] / lowest,
            }
            if kind == "whole":
                report["cold"] = cold(folder)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
