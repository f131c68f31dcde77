"""Runs one notebook: the student's cells in one child, the grade cells in another, behind the wall.

A cell that hangs is interrupted, then killed; a child that dies is replaced and the student's earlier
cells are run again. So a cell costs at most its own exercise.
"""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.channel import Broken, Frame
from autograder.grading.limits import Limits
from autograder.grading.outputs import Outputs
from autograder.grading.plan import FIGURE, Plan, names_of
from autograder.grading.zygote import Child, Connection

GRACE = 1.5
"""Seconds that an interrupted cell has to end."""
RESTARTS = 5
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

    def __init__(self, connection: Connection, plan: Plan, limits: Limits, files: Files, own_files: Files):
        self.connection = connection
        self.plan = plan
        self.limits = limits
        self.files = files
        self.own_files = own_files
        self.outputs = Outputs(limits.output)
        self.student: Child | None = None
        self.tester: Child | None = None
        self.done: list[tuple[str, int]] = []  # the student's cells that ended, to be run again
        self.restarts = 0
        self.notes: list[str] = []

    def run(self, notebook: NotebookNode) -> None:
        """Run every cell, and put its outputs into it."""
        notebook.metadata["language_info"] = dict(LANGUAGE)
        self.ends = time.monotonic() + self.limits.notebook_seconds
        count = 0
        try:
            for cell in notebook.cells:
                if cell.cell_type != "code" or not cell.source.strip() or self._is_skipped(cell):
                    continue
                count += 1
                self.outputs.start(cell)
                cell.execution_count = count
                self._run(cell, count)
        finally:
            for child in (self.student, self.tester):
                if child:
                    child.end()

    def _is_skipped(self, cell: NotebookNode) -> bool:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            return False
        tags = cell.metadata.get("tags", ())
        if "skip-execution" in tags or (FIGURE in tags and self.plan.skipped):
            return True
        return cell.source.strip() in self.plan.skipped

    def _run(self, cell: NotebookNode, count: int) -> None:
        keys = cell.metadata.get("nbgrader", {})
        walled = keys.get("grade") and not keys.get("solution") and keys["grade_id"] not in self.plan.unwalled
        limit = min(time.monotonic() + self.limits.cell_seconds, self.ends)
        if limit <= time.monotonic():
            self._fail(cell, "NotebookTimeout", "the notebook took longer than a notebook may")
            return
        try:
            reply = self._grade(cell, count, limit) if walled else self._study(cell, count, limit)
        except Broken:
            self._fail(cell, "DeadKernelError", "Kernel died")
            return
        if reply.get("status") == "error" and not any(
            output.output_type == "error" and output.ename == reply.get("ename") for output in cell.outputs
        ):
            self._fail(cell, str(reply.get("ename")), str(reply.get("evalue")), reply.get("traceback"))

    def _fail(self, cell: NotebookNode, name: str, words: str, lines: Any = None) -> None:
        traceback = [str(line) for line in lines or ()] or [f"{name}: {words}"]
        cell.outputs.append(new_output("error", ename=name, evalue=words, traceback=traceback))

    # The student's side.

    def _study(self, cell: NotebookNode, count: int, limit: float) -> dict[str, Any]:
        student = self._the_student()
        try:
            reply = self._one_cell(student, cell.source, count, limit)
        except Broken:
            self._lose_student()
            raise
        self.done.append((cell.source, count))
        return reply

    def _one_cell(
        self, child: Child, code: str, count: int, limit: float, keep: bool = True
    ) -> dict[str, Any]:
        """Run a cell in `child` and collect what it shows. Raises Broken where the child dies or hangs."""
        name = f"cell-{count}"
        child.channel.send({"type": "run", "id": name, "code": code, "count": count})
        interrupted = False
        while True:
            try:
                frame = child.channel.receive(limit)
            except TimeoutError:
                if interrupted:
                    raise Broken("does not stop") from None
                interrupted = True
                child.interrupt()
                limit = time.monotonic() + GRACE
                continue
            if frame.get("type") == "done" and frame.get("id") == name:
                reply = frame.get("reply")
                return _TIMEOUT if interrupted else reply if type(reply) is dict else {}
            if keep and frame.get("type") == "output" and frame.get("parent") in (name, None):
                self.outputs.add(frame)

    def _the_student(self) -> Child:
        if self.student is None:
            self.student = self._fork(self.files)
            # Its earlier cells, but for the one that killed it; they may take as long as they took.
            for code, count in list(self.done):
                self._one_cell(self.student, code, count, self.ends, keep=False)
        return self.student

    def _lose_student(self) -> None:
        if self.student:
            self.student.end()
            self.student = None
        self.restarts += 1
        if self.restarts > RESTARTS:
            self.ends = 0.0
            self.notes.append("its cells killed the kernel again and again; the rest was not run")

    def _fork(self, files: Files) -> Child:
        child = self.connection.fork()
        child.channel.send(
            {"type": "files", "files": dict(files), "environment": {"NBGRADER_EXECUTION": "autograde"}}
        )
        return child

    # The tester's side.

    def _grade(self, cell: NotebookNode, count: int, limit: float) -> dict[str, Any]:
        tester = self._the_tester(limit)
        names = self.plan.names.get(cell.metadata.nbgrader.grade_id) or names_of(cell.source)
        request = {"type": "grade", "id": f"cell-{count}", "code": cell.source, "count": count}
        try:
            tester.channel.send({**request, "read": names.read, "set": names.set})
            return self._relay(tester, "done", request["id"], limit)
        except Broken:
            tester.end()
            self.tester = None
            raise

    def _the_tester(self, limit: float) -> Child:
        if self.tester is None:
            self.tester = self._fork(self.own_files)
            frame = {
                "type": "prepare",
                "cells": list(self.plan.prepare),
                "classes": sorted(self.plan.classes),
                "student_names": sorted(self.plan.student_names),
            }
            self.tester.channel.send(frame)
            self._relay(self.tester, "prepared", None, limit)
        return self.tester

    def _relay(self, tester: Child, until: str, name: str | None, limit: float) -> dict[str, Any]:
        """Carry questions and answers between the two children until the tester is done.

        Raises Broken where the tester dies or hangs; a student that does either is an answer.
        """
        asked = 0  # questions to the student that are open
        interrupted = late = False
        while True:
            side, frame = self._next_frame(tester, asked > 0, limit)
            if frame is None and side is self.student and side is not None:
                self._lose_student()
                tester.channel.send({"type": "answer", "body": _DIED})
                asked = 0
            elif frame is None:  # out of time
                if interrupted:
                    if asked and self.student:
                        self._lose_student()
                        tester.channel.send({"type": "answer", "body": _LATE})
                        asked, limit = 0, time.monotonic() + GRACE
                        continue
                    raise Broken("the tests do not stop")
                interrupted = late = True
                (self.student if asked and self.student else tester).interrupt()
                limit = time.monotonic() + GRACE
            elif side is tester:
                kind = frame.get("type")
                if kind == until and (name is None or frame.get("id") == name):
                    reply = frame.get("reply")
                    return _TIMEOUT if late else reply if type(reply) is dict else {}
                if kind == "output":
                    self.outputs.add(frame)
                elif kind in ("ask", "answer"):
                    asked += 1 if kind == "ask" else 0
                    self._to_student(tester, frame, limit)
                    if self.student is None:
                        asked = 0
            elif asked and frame.get("type") in ("ask", "answer"):
                asked -= 1 if frame["type"] == "answer" else 0
                tester.channel.send(frame)

    def _to_student(self, tester: Child, frame: Frame, limit: float) -> None:
        try:
            self._the_student().channel.send(frame)
        except Broken:
            self._lose_student()
            tester.channel.send({"type": "answer", "body": _DIED})

    def _next_frame(self, tester: Child, both: bool, limit: float) -> tuple[Child | None, Frame | None]:
        """The next frame and whose it is; no frame: whose stream ended, or (None, None) out of time.

        Raises Broken where the tester's stream ends.
        """
        sides = [tester, self.student] if both and self.student else [tester]
        while True:
            for side in sides:
                try:
                    frame = side.channel.buffered()
                except Broken:
                    if side is tester:
                        raise
                    return side, None
                if frame is not None:
                    return side, frame
            left = limit - time.monotonic()
            ready = select.select([side.channel.socket for side in sides], [], [], max(left, 0))[0]
            if not ready:
                return None, None
            for side in sides:
                if side.channel.socket in ready:
                    try:
                        side.channel.fill()
                    except Broken:
                        if side is tester:
                            raise
                        return side, None


_TIMEOUT = {
    "status": "error",
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}
_DIED = {"error": {"kind": "RuntimeError", "message": "the student's process died", "traceback": ""}}
_LATE = {"error": {"kind": "TimeoutError", "message": "the student's code did not stop", "traceback": ""}}
