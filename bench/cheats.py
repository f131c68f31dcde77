"""What each cheat of tests/support/cheats earns under stock nbgrader and under the engine, as a Markdown table.

    .venv/bin/python bench/cheats.py > docs/cheats.md

Every course is a copy in a temporary folder. Stock nbgrader runs in a process of its own for each cheat,
with a time limit; whatever a cheat leaves running is ended with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.cheats.classroom import LESSON  # noqa: E402
from tests.support.cheats.classroom import hand_in  # noqa: E402
from tests.support.cheats.corpus import CHEATS  # noqa: E402
from tests.support.cheats.corpus import HONEST  # noqa: E402

SECONDS = 25
ALL = [HONEST, *CHEATS]
SUBREAPER = 36


def built(folder: Path) -> Path:
    """The tiny course, built in `folder`."""
    from autograder.authoring.building import build
    from autograder.course import course_toml as course
    from autograder.grading.gradebook.course_directory import Classroom

    shutil.copytree(ROOT / "tests" / "course", folder)
    read = course.read(folder)
    build.build(read, read.lessons)
    Classroom(folder).register(LESSON)
    return folder


def stock(course: Path, number: int) -> None:
    """In a forked process of its own: hand in one cheat, grade it with nbgrader, write its score."""
    from autograder.grading.gradebook.scores import scores
    from autograder.grading.gradebook.course_directory import Classroom

    os.setsid()
    silent = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(silent, descriptor)
    os.environ.update(HOME=str(course.parent), TMPDIR=str(course.parent))
    os.chdir(course.parent)
    hand_in(course, "cheat", ALL[number])
    classroom = Classroom(course, timeout=5)
    refused = False
    try:
        classroom.autograde(LESSON, "cheat")
    except Exception:
        refused = True
    with classroom.gradebook() as gradebook:
        rows = scores(gradebook, LESSON)[1]
    found = f"{rows['cheat'].score:g}" if "cheat" in rows and not refused else "not graded"
    (course.parent / "score").write_text(found)


def stock_of_all(template: Path, folder: Path) -> list[str]:
    """What nbgrader gives for every cheat: points, or why there are none."""
    context = multiprocessing.get_context("fork")
    waiting = list(range(len(ALL)))
    running: dict[int, tuple[BaseProcess, float]] = {}
    found = [""] * len(ALL)
    while waiting or running:
        while waiting and len(running) < 2 * (os.cpu_count() or 1):
            number = waiting.pop(0)
            course = folder / str(number) / "course"
            shutil.copytree(template, course)
            process = context.Process(target=stock, args=(course, number))
            process.start()
            running[number] = process, time.monotonic()
        for number, (process, started) in list(running.items()):
            if process.is_alive() and time.monotonic() - started < SECONDS:
                continue
            aside = folder / str(number)
            end_all_in(str(aside), process.pid or -1)
            process.join()
            score = aside / "score"
            found[number] = score.read_text() if score.is_file() else "did not end"
            shutil.rmtree(aside, ignore_errors=True)
            del running[number]
        time.sleep(0.05)
    return found


def end_all_in(folder: str, session: int) -> None:
    """End what still runs in the session, or below the folder, of one cheat."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            same = os.getsid(int(path.name)) == session
            if same or str((path / "cwd").readlink()).startswith(folder):
                os.kill(int(path.name), signal.SIGKILL)


def engine_of(template: Path, folder: Path) -> list[str]:
    """What the engine gives for every cheat, in one run."""
    from autograder.grading.dispatch.engine import Engine
    from autograder.grading.dispatch.engine import Settings
    from autograder.grading.sandbox.limits import Limits
    from autograder.grading.gradebook.scores import scores
    from autograder.grading.gradebook.course_directory import Classroom

    course = folder / "engine"
    shutil.copytree(template, course)
    students = [f"s{number:03d}" for number in range(len(ALL))]
    for student, cheat in zip(students, ALL, strict=True):
        hand_in(course, student, cheat)
    classroom = Classroom(course)
    engine = Engine(Settings(Limits(cell_seconds=3.0, notebook_seconds=20.0), workers=2))
    try:
        done = dict(engine.grade(classroom, LESSON, students))
    finally:
        engine.close()
    with classroom.gradebook() as gradebook:
        rows = scores(gradebook, LESSON)[1]
    return ["not graded" if done[one].reason else f"{rows[one].score:g}" for one in students]


def main() -> None:
    """Print the table."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-cheats-", ignore_cleanup_errors=True) as aside:
        folder = Path(aside)
        template = built(folder / "template")
        with contextlib.redirect_stdout(sys.stderr):
            engine = engine_of(template, folder)
        found = stock_of_all(template, folder)
    earned = sum(score not in ("0", "not graded", "did not end") for score in found[1:])
    none = sum(score not in ("0", "not graded") for score in engine[1:])
    print("# Cheats\n")
    print(
        f"{len(CHEATS)} submissions of the tiny course (tests/support/tiny_course, 7 points) with wrong answers, each with"
        f" a trick (tests/support/cheats). {earned} of them earn marks under nbgrader 0.9.6, {none} under the engine."
        f" Made by `bench/cheats.py` in {time.monotonic() - start:.0f} s. The course's own checks trust no"
        " operator of an answer, so most lying values fail under both.\n"
    )
    print("| cheat | nbgrader 0.9.6 | engine |\n|---|---:|---:|")
    for cheat, theirs, ours in zip(ALL, found, engine, strict=True):
        print(f"| {cheat.name} | {theirs} | {ours} |")


if __name__ == "__main__":
    main()
