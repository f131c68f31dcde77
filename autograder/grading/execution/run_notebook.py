"""Runs one notebook: the student's cells in one child, the grade cells in another, behind the wall.

Cells that only compare plain values go to a third, the checker, which all submissions of a worker share.

All work at once. The student's child runs ahead: for each grade cell it hands over the values of the names
that the cell needs, and goes on. Only where a function or an object is among them does it wait, and answer
the tester's questions, until that grade cell is done; so functions are called in the state that they had.

A cell that hangs is interrupted, then killed; a child that dies is replaced and the student's earlier
cells are run again. So a cell costs at most its own exercise.
"""

from __future__ import annotations

import select
import sys
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from autograder.grading.execution.comparison_cache import Checker, Given, key_of
from autograder.grading.execution.peer import DEAD, DIED, LATE, TIMEOUT, Side, Step, fail
from autograder.grading.execution.plan import NOT_GRADED, Plan, names_of
from autograder.grading.forkserver.client import Connection
from autograder.grading.rpc.channel import Broken, Frame
from autograder.grading.sandbox.limits import Limits

GRACE = 1.5
"""Seconds that an interrupted cell has to end."""
RESTARTS = 25
"""So often a dead child is replaced; a notebook that kills more ends there."""

LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": sys.version.split()[0],
}

Files = Mapping[str, str]
"""Base64 by relative path."""


class Execution:
    """One notebook on its way. `files` are the student's, `own_files` the instructor's alone."""

    def __init__(
        self,
        connection: Connection,
        plan: Plan,
        limits: Limits,
        files: Files,
        own_files: Files,
        checker: Checker | None = None,
    ):
        """`checker` is that of the submissions before, if there was one."""
        self.connection = connection
        self.plan = plan
        self.limits = limits
        self.files = files
        self.own_files = own_files
        self.student = Side(limits)
        self.tester = Side(limits)
        self.checker = Side(limits)
        self.shared = checker or Checker()
        self.checker.child = self.shared.child
        self.todo: deque[Step] = deque()  # what the student's child was not yet sent
        self.done: list[Step] = []  # the student's cells that ended, to be run again after a death
        self.paused: Step | None = None  # the walled step for which the student's child waits
        self.questions: deque[Frame] = deque()  # of the tester, while the student's child is busy
        self.asked = 0
        self.own = set(plan.own)
        self.restarts = 0
        self.notes: list[str] = []

    def run(self, notebook: NotebookNode) -> None:
        """Run every cell, and put its outputs into it."""
        notebook.metadata["language_info"] = dict(LANGUAGE)
        self.ends = time.monotonic() + self.limits.notebook_seconds
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.source.strip() and not self._is_skipped(cell):
                step = Step(cell, len(self.todo) + 1, self._is_walled(cell))
                cell.execution_count, cell.outputs = step.count, []
                self.todo.append(step)
        try:
            while self.todo or any(side.steps for side in self._sides()):
                self._feed()
                self._listen()
        finally:
            self.student.end()
            self.tester.end()
            if self.checker.steps:  # interrupted in the middle: what it would say belongs to nobody
                self.checker.end()
            self.shared.child = self.checker.child

    def _sides(self) -> tuple[Side, Side, Side]:
        return self.student, self.tester, self.checker

    def _is_skipped(self, cell: NotebookNode) -> bool:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            return False
        tags = cell.metadata.get("tags", ())
        if "skip-execution" in tags or (NOT_GRADED in tags and self.plan.skipped):
            return True
        return cell.source.strip() in self.plan.skipped

    def _is_walled(self, cell: NotebookNode) -> bool:
        keys = cell.metadata.get("nbgrader", {})
        return bool(
            keys.get("grade") and not keys.get("solution") and keys["grade_id"] not in self.plan.unwalled
        )

    # Sending.

    def _feed(self) -> None:
        """Send the student's child all that it was not sent."""
        if not self.todo or self.student.steps:
            return
        if self.student.child is None:
            self.student.child = self.connection.fork()
            self._send(self.student, _welcome(self.files))
            # References of a child that died must not be taken for those of the next.
            self._send(self.student, {"type": "first", "ref": self.restarts * 1_000_000})
            self.todo.extendleft(reversed([Step(s.cell, s.count, False, True) for s in self.done]))
        self.student.steps, self.todo = self.todo, deque()
        self.student.started()
        steps = [self._request(step) for step in self.student.steps]
        if self.student.child:
            self._send(self.student, {"type": "steps", "steps": steps})
        else:  # it died of the first words
            self._student_died()

    def _request(self, step: Step) -> Frame:
        if not step.walled:
            return {"kind": "run", "id": step.id, "code": step.cell.source, "count": step.count}
        names = self._names(step)
        wanted = step.wanted = tuple(name for name in names.read if name not in self.own)
        self.own |= set(names.set) - self.plan.student_names
        return {"kind": "values", "id": step.id, "names": wanted}

    def _names(self, step: Step) -> Any:
        return self.plan.names.get(step.cell.metadata.nbgrader.grade_id) or names_of(step.cell.source)

    def _grade(self, step: Step, values: Frame, waits: bool) -> None:
        """Have a grade cell run with the student's values."""
        grade = step.cell.metadata.nbgrader.grade_id
        alone = not waits and grade in self.plan.comparing
        side = self.checker if alone else self.tester
        if alone:
            step.key = key_of(grade, step.count, values)
            given = self.shared.recall(step.key)
            if given:
                step.cell.outputs = given.outputs
                self._conclude(step, given.reply)
                return
        step.request = (values, waits)
        side.steps.append(step)
        if len(side.steps) == 1:
            side.started()
        if side.child is None:
            side.child = (
                self.connection.fork()
            )  # Broken: there is no zygote any more, which is nobody's fault
            self._send(side, _welcome(self.own_files))
            student_names = sorted(self.plan.student_names)
            self._send(
                side, {"type": "prepare", "cells": [*self.plan.prepare], "student_names": student_names}
            )
        read = set(self._names(step).read)
        classes = sorted(name for name, near in self.plan.classes.items() if read & near)
        self._send(
            side,
            {
                "type": "grade",
                "id": step.id,
                "code": step.cell.source,
                "count": step.count,
                "alone": alone,
                "values": values,
                "wanted": step.wanted,
                "waits": waits,
                "classes": classes,
            },
        )

    # Receiving.

    def _listen(self) -> None:
        """Wait for the next frames of either child, or for time to run out, and act on them."""
        sides = [side for side in self._sides() if side.child]
        if not sides:
            return
        heard = False
        for side in sides:
            try:
                while side.child and (frame := side.child.channel.buffered()) is not None:
                    heard = True
                    self._take(side, frame)
            except Broken:
                heard = True
                self._died(side)
        if not heard:
            self._wait([side for side in sides if side.child])
        if self._deadline() <= time.monotonic():
            self._late()

    def _wait(self, sides: list[Side]) -> None:
        """Until a child sent something, takes something, or has had its time."""
        channels = {side.child.channel.socket: (side, side.child.channel) for side in sides if side.child}
        full = [socket for socket, (_, channel) in channels.items() if channel.unsent]
        left = max(0.0, self._deadline() - time.monotonic())
        readable, writable, _ = select.select(list(channels), full, [], left)
        for socket in {*readable, *writable}:
            side, channel = channels[socket]
            try:
                if socket in writable:
                    channel.flush()
                if socket in readable:
                    channel.fill()
            except Broken:
                if side.child and side.child.channel is channel:
                    self._died(side)

    def _take(self, side: Side, frame: Frame) -> None:
        kind = frame.get("type")
        if side is self.student:
            self._take_of_student(kind, frame)
        else:
            self._take_of_tester(side, kind, frame)

    def _take_of_student(self, kind: Any, frame: Frame) -> None:
        step = self.student.steps[0] if self.student.steps else None
        if kind in ("ask", "answer"):
            if self.asked and self.tester.child:
                self.asked -= kind == "answer"
                self._send(self.tester, frame)
        elif step is None or frame.get("id", frame.get("parent") or step.id) != step.id:
            return  # of a thread that outlives its cell, or forged
        elif kind == "output" and not step.walled and not step.replayed:
            self.student.outputs.add(frame)
        elif kind == "done" and not step.walled:
            late = self.student.is_late(frame)
            self.student.next()
            if not step.replayed:
                self.done.append(step)
                self._conclude(step, TIMEOUT if late else frame.get("reply"))
        elif kind == "values" and step.walled:
            self.student.next()
            if frame.get("waits"):
                self.paused = step
            sent = frame.get("values")
            values = sent if type(sent) is dict else {}
            # Only what was asked for: a name that the tests bring themselves is not the student's to give.
            values = {name: values[name] for name in step.wanted if name in values}
            self._grade(step, values, bool(frame.get("waits")))
            self._ask()

    def _take_of_tester(self, side: Side, kind: Any, frame: Frame) -> None:
        step = side.steps[0] if side.steps else None
        if kind == "ask":
            self.questions.append(frame)
            self._ask()
        elif kind == "answer":
            self._send(self.student, frame)
        elif kind == "output" and step:
            side.outputs.add(frame)
        elif kind == "done" and step and frame.get("id") == step.id:
            late, in_time = side.is_late(frame), not side.interrupted
            side.next()
            if step.key and in_time:
                self.shared.keep(step.key, Given(step.cell.outputs, frame.get("reply")))
            self._conclude(step, TIMEOUT if late else frame.get("reply"))
            self._go_on(step)

    def _ask(self) -> None:
        """Pass the tester's questions on, when the student's child is there to answer."""
        while self.questions and (self.paused or not self.student.steps):
            question = self.questions.popleft()
            if self.student.child is None:  # it died; its functions are gone with it
                self._send(self.tester, {"type": "answer", "body": DIED})
                continue
            self.asked += 1
            self._send(self.student, question)

    def _go_on(self, step: Step) -> None:
        if self.paused is step:
            self.paused, self.asked = None, 0
            self._send(self.student, {"type": "go"})
            self.student.since = time.monotonic()

    def _send(self, side: Side, frame: Frame) -> None:
        try:
            if side.child:
                side.child.channel.send(frame)
        except Broken:
            self._died(side)

    def _conclude(self, step: Step, reply: Any) -> None:
        """Write down an error that the outputs do not show."""
        if type(reply) is not dict or reply.get("status") != "error":
            return
        shown = [output.ename for output in step.cell.outputs if output.output_type == "error"]
        if reply.get("ename") not in shown:
            fail(step, str(reply.get("ename")), str(reply.get("evalue")), reply.get("traceback"))

    # When something does not end, or ends too soon.

    def _deadline(self) -> float:
        """When the first of the running cells has had its time."""
        found = [self.ends]
        for side in self._sides():
            if side.steps and not (side is self.student and self.paused):
                limit = GRACE if side.interrupted else self.limits.cell_seconds
                found.append(side.since + limit)
        return min(found)

    def _late(self) -> None:
        now = time.monotonic()
        if now >= self.ends:
            self._give_up("NotebookTimeout", "the notebook took longer than a notebook may")
            return
        for side in (self.tester, self.checker, self.student):
            if not side.steps or (side is self.student and self.paused):
                continue
            limit = GRACE if side.interrupted else self.limits.cell_seconds
            if now < side.since + limit:
                continue
            asking = side is self.tester and self.asked > 0
            if not side.interrupted:
                side.interrupted, side.since = True, now
                child = self.student.child if asking else side.child
                if child:
                    child.interrupt()
            elif asking:  # the student's function does not stop; the test may go on without it
                side.since = now
                self._student_died(LATE)
            else:
                self._died(side)

    def _died(self, side: Side) -> None:
        if side is self.student:
            self._student_died()
        else:
            self._tester_died(side)

    def _student_died(self, answer: Frame | None = None) -> None:
        """Replace the student's child: its next steps go to a new one, after those that were done."""
        late = self.student.interrupted
        steps = list(self.student.steps)
        self.student.end()
        if self.paused is None and steps and not steps[0].walled:
            killer = steps.pop(0)
            if killer.replayed:
                self.done = [step for step in self.done if step.count != killer.count]
            else:
                self._conclude(killer, TIMEOUT if late else DEAD)
        self.todo.extendleft(reversed([step for step in steps if not step.replayed]))
        was_asked, self.asked, self.paused = self.asked, 0, None
        for _ in range(was_asked):
            self._send(self.tester, {"type": "answer", "body": answer or DIED})
        self.restarts += 1
        if self.restarts > RESTARTS:
            self.notes.append("its cells ended the kernel again and again; the rest was not run")
            self._give_up("DeadKernelError", "Kernel died")

    def _tester_died(self, side: Side) -> None:
        """The grade cell that ended a tester fails; those that were sent behind it go to a new one."""
        steps = list(side.steps)
        late = side.interrupted
        side.end()
        if side is self.tester:
            self.questions.clear()
        for step in steps[:1]:
            self._conclude(step, TIMEOUT if late else DEAD)
            self._go_on(step)
        for step in steps[1:]:
            self._grade(step, *step.request)

    def _give_up(self, name: str, words: str) -> None:
        for step in (*self.tester.steps, *self.checker.steps, *self.student.steps, *self.todo):
            if not step.replayed:
                fail(step, name, words)
        for side in self._sides():
            side.end()
        self.todo.clear()
        self.paused = None


def _welcome(files: Files) -> Frame:
    """What a new child is told first."""
    return {"type": "files", "files": dict(files), "environment": {"NBGRADER_EXECUTION": "autograde"}}
