"""The event loop of a run whose children a test plays: what they are told, what becomes of their words."""

from __future__ import annotations

import fcntl
import queue
import socket
import termios
import threading
import time
from collections.abc import Iterator

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.execution.comparison_cache import ComparisonCache
from autograder.grading.execution.plan import plan_of
from autograder.grading.execution.run_notebook import RunFiles, run_notebook
from autograder.grading.rpc.channel import Channel
from autograder.grading.sandbox.limits import Limits

SECONDS = 20.0
OK = {"status": "ok", "ename": None, "evalue": None, "traceback": None}
WRONG = {"status": "error", "ename": "AssertionError", "evalue": "no", "traceback": ["no"]}
FUNCTION = {"f": {"value": {"ref": 0, "kind": "function", "name": "f", "is_class": False}}}


class Played:
    """A child, of which the test is the process."""

    def __init__(self) -> None:
        mine, theirs = socket.socketpair()
        self.channel = Channel(mine, patient=True)
        self.process = Channel(theirs)
        self.interrupts = 0

    def interrupt(self) -> None:
        self.interrupts += 1

    def end(self) -> None:
        self.channel.close()

    def hear(self, kind: str) -> dict:
        """The next frame, which is of this kind."""
        frame = self.process.receive(time.monotonic() + SECONDS)
        assert frame["type"] == kind
        return frame

    def say(self, type_: str, **keys: object) -> None:
        self.process.send({"type": type_, **keys})

    def say_first(self, type_: str, **keys: object) -> None:
        """Say it, and go on once the worker has read it."""
        self.say(type_, **keys)
        while fcntl.ioctl(self.process.socket, termios.TIOCOUTQ, bytes(4)) != bytes(4):
            time.sleep(0.001)


class Run:
    """A notebook that runs in a thread; `child` is the next process that it had forked."""

    def __init__(self, *cells: tuple[str, str], limits: Limits = Limits()) -> None:  # noqa: B008
        self.forked: queue.Queue[Played] = queue.Queue()
        self.notebook = new_notebook(cells=[_cell(*cell) for cell in cells])
        plan = plan_of([_cell(*cell) for cell in cells])
        files, cache = RunFiles({}, {}), ComparisonCache()
        given = (self.notebook, self, plan, limits, files, cache)
        self.thread = threading.Thread(target=run_notebook, args=given, daemon=True)
        self.thread.start()

    def fork(self) -> Played:
        child = Played()
        self.forked.put(child)
        return child

    def student(self) -> Played:
        child = self.forked.get(timeout=SECONDS)
        child.hear("files")
        child.hear("first")
        return child

    def tester(self) -> Played:
        child = self.forked.get(timeout=SECONDS)
        child.hear("files")
        child.hear("prepare")
        return child

    def end(self) -> list[str]:
        """The errors of the cells, '' for those without, once the run is over."""
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()
        return ["".join(output.get("ename", "") for output in cell.outputs) for cell in self.notebook.cells]


def _cell(grade: str, source: str) -> nbformat.NotebookNode:
    nbgrader = {"grade": bool(grade), "solution": False, "grade_id": grade} if grade else {"solution": True}
    return new_code_cell(source, metadata={"nbgrader": nbgrader})


def kinds(student: Played) -> list[str]:
    """What the student's process is told to do now."""
    return [f"{step['kind']} {step['id']}" for step in student.hear("steps")["steps"]]


@pytest.fixture
def asked() -> Iterator[tuple[Run, Played, Played]]:
    """A run whose student has done the last cell; its first test is at work, and may ask of a function."""
    run = Run(("", "f = 1"), ("a", "f(0)"), ("b", "assert f(1)"), ("", "x = 2"))
    student = run.student()
    assert kinds(student) == ["run cell-1", "values cell-2", "values cell-3", "run cell-4"]
    student.say("done", id="cell-1", reply=OK)
    student.say("values", id="cell-2", values=FUNCTION)
    tester = run.tester()  # it is made ready meanwhile
    student.say("values", id="cell-3", values={})
    student.say("done", id="cell-4", reply=OK)
    assert kinds(student) == ["serve cell-2"]
    assert tester.hear("grade")["values"] == FUNCTION
    yield run, student, tester


def replayed(run: Run) -> Played:
    """The process after one that died when its cells were done: it does them again, and has another `f`."""
    student = run.student()
    assert kinds(student) == ["run cell-1", "values cell-2", "values cell-3", "run cell-4"]
    student.say("done", id="cell-1", reply=OK)
    student.say("values", id="cell-2", values=FUNCTION)
    student.say("values", id="cell-3", values={"f": {"value": 5}})
    student.say("done", id="cell-4", reply=OK)
    assert kinds(student) == ["serve cell-3"]
    return student


def test_tests_that_may_ask_have_their_turn_after_the_students_last_cell(
    asked: tuple[Run, Played, Played],
) -> None:
    run, student, tester = asked
    tester.say("done", id="cell-2", reply=OK)
    student.hear("go")
    assert kinds(student) == ["serve cell-3"]  # it holds what the first one made, so it may ask as well
    assert tester.hear("grade")["id"] == "cell-3"
    tester.say("ask", body={"op": "call", "ref": 0})
    assert student.hear("ask")["body"] == {"op": "call", "ref": 0}
    student.say("answer", body={"value": 1})
    assert tester.hear("answer")["body"] == {"value": 1}
    tester.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "", "", ""]


def test_a_question_to_a_process_that_died_is_answered(asked: tuple[Run, Played, Played]) -> None:
    run, student, tester = asked
    student.process.close()
    tester.say("ask", body={"op": "call", "ref": 0})
    assert "died" in tester.hear("answer")["body"]["error"]["message"]
    tester.say("done", id="cell-2", reply=WRONG)
    replayed(run)
    assert tester.hear("grade")["values"] == {"f": {"value": 5}}
    tester.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "AssertionError", "", ""]


def test_a_question_of_which_a_process_dies_is_answered(asked: tuple[Run, Played, Played]) -> None:
    run, student, tester = asked
    tester.say("ask", body={"op": "call", "ref": 0})
    student.hear("ask")
    student.process.close()
    assert "died" in tester.hear("answer")["body"]["error"]["message"]
    tester.say("done", id="cell-2", reply=WRONG)
    replayed(run)
    tester.hear("grade")
    tester.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "AssertionError", "", ""]


def test_an_answer_that_comes_after_its_test_is_not_the_next_tests(asked: tuple[Run, Played, Played]) -> None:
    run, student, tester = asked
    tester.say("ask", body={"op": "call", "ref": 0, "args": [0]})
    student.hear("ask")
    tester.say("done", id="cell-2", reply=WRONG)  # it was interrupted, say, and did not wait
    student.hear("go")
    assert kinds(student) == ["serve cell-3"]
    tester.hear("grade")
    tester.say("ask", body={"op": "call", "ref": 0, "args": [1]})
    student.hear("ask")
    student.say("answer", body={"value": "late"})
    student.say("answer", body={"value": "right"})
    assert tester.hear("answer")["body"] == {"value": "right"}
    tester.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "AssertionError", "", ""]


def test_a_function_of_a_test_that_is_over_cannot_be_called(asked: tuple[Run, Played, Played]) -> None:
    run, student, tester = asked
    student.say("ask", body={"op": "callback", "number": 0})
    assert "one test" in student.hear("answer")["body"]["error"]["message"]
    tester.say("done", id="cell-2", reply=OK)
    tester.hear("grade")
    tester.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "", "", ""]


def test_a_checker_that_dies_of_its_age_costs_nobody_a_mark() -> None:
    run = Run(("a", "assert x == 1"), ("b", "assert x == 2"))
    student = run.student()
    student.hear("steps")
    student.say("values", id="cell-1", values={})
    student.say("values", id="cell-2", values={})
    checker = run.tester()
    checker.hear("grade")
    checker.say("done", id="cell-1", reply=OK)
    checker.hear("grade")
    checker.process.close()
    young = run.tester()
    assert young.hear("grade")["id"] == "cell-2"
    young.say("done", id="cell-2", reply=OK)
    assert run.end() == ["", ""]


def test_a_cell_that_ends_a_new_checker_fails() -> None:
    run = Run(("a", "assert x == 1"), ("b", "assert x == 2"))
    student = run.student()
    student.hear("steps")
    student.say("values", id="cell-1", values={})
    student.say("values", id="cell-2", values={})
    checker = run.tester()
    checker.hear("grade")
    checker.process.close()
    young = run.tester()
    assert young.hear("grade")["id"] == "cell-2"
    young.say("done", id="cell-2", reply=OK)
    assert run.end() == ["DeadKernelError", ""]


def test_an_interrupt_that_comes_too_late_meets_no_other_cell_of_the_checker() -> None:
    run = Run(("a", "assert x == 1"), ("b", "assert x == 2"), limits=Limits(cell_seconds=0.2))
    student = run.student()
    student.hear("steps")
    student.say("values", id="cell-1", values={})
    student.say("values", id="cell-2", values={})
    checker = run.tester()
    while not checker.interrupts:
        time.sleep(0.01)
    checker.say("done", id="cell-1", reply=OK)
    other = run.tester()
    assert other.hear("grade")["id"] == "cell-2"
    other.say("done", id="cell-2", reply=OK)
    assert run.end() == ["", ""]


def test_a_tester_that_dies_fails_its_cell_and_the_next_goes_to_a_new_one() -> None:
    run = Run(("a", "g(0)"), ("b", "g(1)"))
    student = run.student()
    student.hear("steps")
    student.say("values", id="cell-1", values={})
    student.say("values", id="cell-2", values={})
    tester = run.tester()
    assert [tester.hear("grade")["id"], tester.hear("grade")["id"]] == ["cell-1", "cell-2"]
    tester.process.close()
    tester = run.tester()
    assert tester.hear("grade")["id"] == "cell-2"
    tester.say("done", id="cell-2", reply=OK)
    assert run.end() == ["DeadKernelError", ""]


def test_a_cell_that_kills_the_process_is_not_run_again() -> None:
    run = Run(("", "x = 1"), ("", "exit"), ("", "y = 2"))
    student = run.student()
    student.hear("steps")
    student.say("done", id="cell-1", reply=OK)
    student.process.close()
    student = run.student()
    assert [step["id"] for step in student.hear("steps")["steps"]] == ["cell-1", "cell-3"]
    student.say("output", kind="stream", content={"name": "stdout", "text": "again"}, parent="cell-1")
    student.say("done", id="cell-1", reply=OK)
    student.say("done", id="cell-3", reply=OK)
    assert run.end() == ["", "DeadKernelError", ""]
    assert run.notebook.cells[0].outputs == []


def test_words_of_a_step_whose_turn_it_is_not_are_passed_over() -> None:
    run = Run(("", "x = 1"), ("", "x = 2"))
    student = run.student()
    student.hear("steps")
    for step in ("cell-2", None, "cell-9"):
        student.say("done", id=step, reply=WRONG)
        student.say(
            "output", kind="stream", content={"name": "stdout", "text": "no"}, parent=step or "cell-2"
        )
    student.say("values", id="cell-1", values={})
    student.say("done", id="cell-1", reply=OK)
    student.say("done", id="cell-2", reply=OK)
    assert run.end() == ["", ""]
    assert not any(cell.outputs for cell in run.notebook.cells)


def test_a_cell_that_ignores_its_interrupt_costs_its_process() -> None:
    run = Run(("", "while True: pass"), ("", "x = 2"), limits=Limits(cell_seconds=0.2))
    first = run.student()
    first.hear("steps")
    student = run.student()
    assert first.interrupts == 1
    assert [step["id"] for step in student.hear("steps")["steps"]] == ["cell-2"]
    student.say("done", id="cell-2", reply=OK)
    assert run.end() == ["CellTimeoutError", ""]


def test_a_notebook_ends_in_its_time() -> None:
    run = Run(("", "x = 1"), ("", "x = 2"), limits=Limits(notebook_seconds=0.3))
    run.student().hear("steps")
    assert run.end() == ["NotebookTimeout", "NotebookTimeout"]
