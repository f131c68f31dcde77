"""Code of a lesson that does not end is stopped, its line named, and no process and no folder is left."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot  # noqa: F401 - loaded here, so that no forked process spends its time on it
import pytest

import autograder.study.figures  # noqa: F401
from autograder.authoring.building.build import build
from autograder.authoring.checks.verify import verify, verify_all
from autograder.authoring.evaluation.process_map import in_parallel
from autograder.authoring.evaluation.workers import each_lesson
from autograder.core.errors import CourseError, LessonError, Problem
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support.builds import change, tree, with_dice

LIMIT = 3.0
"""Seconds: more than a cell or a picture of the tiny lesson needs, on a machine that has other work, too."""
PATIENT = 5.0
"""Seconds: more than any needs, where another lesson has to come out right."""

PLAIN = "while True: pass"
STUBBORN = """\
while True:
    try:
        pow(2, 10)
    except BaseException:
        pass"""
COMPILED = "sum(__import__('itertools').repeat(0))"
"""Python looks at no signal in there, and no other thread ever runs."""

PLACES = {
    "given": ("coin = np.array([0.75, 0.25])\n", "coin = np.array([0.75, 0.25])\n{}\n"),
    "solution": ("coin_sides = 2\n", "coin_sides = 2\n{}\n"),
    "mistake": ("coin_sides = 3\n", "coin_sides = 3\n{}\n"),
    "proof": ("assert coin_sides == len(coin)\n", "assert coin_sides == len(coin)\n{}\n"),
    "tests": ("assert abs(entropy(np.full(8, 1 / 8))", "{}\nassert abs(entropy(np.full(8, 1 / 8))"),
    "figure": ("# Figure: the entropy of a coin. Predict", "{}\n# Figure: the entropy of a coin. Predict"),
}
DRAW = ("    ax = figure.subplots()\n", "    while True: ax = figure.axes\n")
WRONG = ("    return float(-np.mean(p * np.log(p)))\n", "    while True: p = p\n")

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers here")


def hung(course: Course, old: str, new: str, limit: float = LIMIT) -> tuple[Course, range]:
    """The course with an edit, allowed `limit` seconds, and the lines where it may be said to hang."""
    toml = course.root / "lessons" / "course.toml"
    toml.write_text(f"seconds = {limit}\n" + toml.read_text(encoding="utf-8"), encoding="utf-8")
    changed = change(course, "01-coins.md", (old, new))
    text = course.path("01-coins").read_text(encoding="utf-8")
    first = text[: text.index(new)].count("\n") + 1
    return changed, range(first, first + new.count("\n") + 1)


def told(course: Course) -> list[Problem]:
    """What `verify` says of the first lesson, as its command does it."""
    ((_, promises),) = verify_all(course, ["01-coins"])
    return [problem for one in promises for problem in one.problems]


def about_time(problems: list[Problem]) -> Problem:
    """The one problem that says that code did not end."""
    (found,) = [one for one in problems if "had not ended after" in one.problem]
    return found


def children() -> list[str]:
    """The processes that descend from this one, by their command lines' parents."""
    found = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    return [line for line in found.stdout.splitlines() if " ps " not in line and line.strip()]


@pytest.mark.parametrize(
    ("place", "loop"),
    [
        *((place, PLAIN) for place in PLACES),
        *((place, STUBBORN) for place in ("solution", "figure", "tests")),
        *((place, COMPILED) for place in ("given", "mistake", "proof")),
    ],
)
def test_the_line_that_hangs_is_named(
    tiny_built: Course, place: str, loop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = PLACES[place]
    course, lines = hung(tiny_built, old, new.format(loop))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before, began, files = children(), time.monotonic(), set(tmp_path.iterdir())
    problem = about_time(told(course))
    assert problem.path == course.path("01-coins")
    assert problem.line in lines
    assert f"after {LIMIT:g} seconds" in problem.problem
    assert f"in lessons/course.toml, for each piece of code: seconds = {2 * LIMIT:g}" in problem.remedy
    assert time.monotonic() - began < 60
    assert children() == before
    assert set(tmp_path.iterdir()) == files
    assert not list(course.root.glob(".build-*"))


@pytest.mark.parametrize("edit", [DRAW, WRONG], ids=["a drawing", "a wrong implementation"])
def test_functions_that_hang_are_named_by_their_own_line(tiny_built: Course, edit: tuple[str, str]) -> None:
    course, lines = hung(tiny_built, *edit)
    assert about_time(told(course)).line in lines
    assert about_time([p for one in verify(course, "01-coins") for p in one.problems]).line in lines


def test_a_picture_that_hangs_in_a_library_names_its_cell(tiny_built: Course) -> None:
    """No line of the lesson is running there, yet the first line of the file is not where to look."""
    shown = "__import__('types').SimpleNamespace(picture=__import__('functools').partial({}, 99))"
    explore = 'explore(draw, heads=slider("probability of heads", 0.75, 0.0, 1.0, 0.05), size=(4, 3))\n'
    course, lines = hung(tiny_built, explore, shown.format("__import__('time').sleep") + "\n")
    cell = course.path("01-coins").read_text(encoding="utf-8").splitlines().index(":role: figure") + 1
    assert cell <= about_time(told(course)).line < lines.stop


@pytest.mark.parametrize("loop", [PLAIN, COMPILED], ids=["plain", "compiled"])
def test_a_build_of_two_lessons_names_what_hangs_and_changes_nothing(tiny_built: Course, loop: str) -> None:
    course = with_dice(tiny_built)
    old, new = PLACES["solution"]
    course, lines = hung(course, old, new.format(loop), PATIENT)
    before, running = tree(course.root), children()
    said: list[str] = []
    with pytest.raises(LessonError) as caught:
        build(course, course.lessons, said.append)
    assert about_time(list(caught.value.problems)).line in lines
    kept = {path: data for path, data in tree(course.root).items() if ".evaluated" not in path}
    assert kept == {path: data for path, data in before.items() if ".evaluated" not in path}
    assert said == []
    assert children() == running


def test_a_lesson_that_hangs_does_not_hide_the_next(tiny_built: Course) -> None:
    course = with_dice(tiny_built)
    old, new = PLACES["given"]
    course, _ = hung(course, old, new.format(COMPILED), PATIENT)
    found = dict(verify_all(course, ["01-coins", "02-dice"]))
    assert list(found) == ["01-coins", "02-dice"]
    assert len(found["02-dice"]) > 1


def test_code_that_ends_python_is_an_error_of_its_lesson(tiny_built: Course) -> None:
    course = change(
        tiny_built, "01-coins.md", ("coin_sides = 2\n", "coin_sides = 2\n__import__('os')._exit(3)\n")
    )
    (problem,) = told(course)
    assert problem.path == course.path("01-coins")
    assert "ended Python itself" in problem.problem


def test_a_crash_names_its_line(tiny_built: Course) -> None:
    crash = "__import__('ctypes').string_at(0)"
    course = change(tiny_built, "01-coins.md", ("coin_sides = 2\n", f"coin_sides = 2\n{crash}\n"))
    (problem,) = told(course)
    line = course.path("01-coins").read_text(encoding="utf-8").splitlines().index(crash) + 1
    assert (problem.line, "crashed Python" in problem.problem) == (line, True)


def test_a_share_that_hangs_in_compiled_code_is_an_error(tiny: Course) -> None:
    from autograder.authoring.evaluation.time_limit import Limit, allowed

    here, path = os.getpid(), tiny.path("01-coins")

    def make(item: int) -> int:
        if os.getpid() == here:
            return item
        with Limit(path, 1):
            exec(compile(f"\n\n{COMPILED}", str(path), "exec"), {})
        return item

    if (os.cpu_count() or 1) < 2:
        pytest.skip("one core: nothing is forked")
    with allowed(LIMIT), pytest.raises(LessonError) as caught:
        in_parallel(make, range(4))
    assert [(one.path, one.line) for one in caught.value.problems] == [(path, 3)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there do processes die together")
def test_a_builder_that_is_killed_leaves_no_process(tiny: Course) -> None:
    old, new = PLACES["given"]
    course, _ = hung(
        tiny, old, new.format(f"open({str(tiny.root / 'begun')!r}, 'w').close()\nwhile True: pass")
    )
    change(course, "course.toml", (f"seconds = {LIMIT}", "seconds = 60"))
    command = [sys.executable, "-m", "autograder", "build", "--course", str(course.root)]
    with subprocess.Popen(command, cwd=course.root, start_new_session=True) as builder:
        wait_for(lambda: (course.root / "begun").exists())
        worker = Path(f"/proc/{builder.pid}/task/{builder.pid}/children").read_text().split()
        assert worker
        builder.kill()
    wait_for(lambda: not any(alive(int(pid)) for pid in worker))


def alive(pid: int) -> bool:
    """Whether a process runs, and is not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(holds: object, seconds: float = 60) -> None:
    """Wait until `holds()`, for a minute at most."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)


def test_lessons_come_in_order_and_errors_with_them() -> None:
    def make(name: str) -> str:
        if name == "b":
            raise CourseError("no b")
        return name.upper()

    found = list(each_lesson(make, ["a", "b", "c", "d", "e"]))
    assert [(name, str(made)) for name, made in found] == [
        ("a", "A"),
        ("b", "no b"),
        ("c", "C"),
        ("d", "D"),
        ("e", "E"),
    ]


@pytest.mark.parametrize("names", [["a"], ["a", "b"]])
def test_a_bug_is_no_error_of_a_lesson(names: list[str]) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        list(each_lesson(lambda name: 1 / 0, names))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("bad", ["0", "-1", '"60"', "true", "inf", "nan", "1e9"])
def test_a_limit_is_a_number_of_seconds(tiny: Course, bad: str) -> None:
    toml = tiny.root / "lessons" / "course.toml"
    toml.write_text(f"seconds = {bad}\n" + toml.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CourseError, match="seconds = 60"):
        courses.read(tiny.root)
