"""A tester's process: it holds the instructor's names, and runs grade cells on the student's values."""

from __future__ import annotations

from autograder.grading.execution.cell_errors import TIMEOUT
from autograder.grading.execution.peer import Files, TesterPeer
from autograder.grading.execution.plan import Plan
from autograder.grading.execution.steps import GradeCell
from autograder.grading.forkserver.client import Connection
from autograder.grading.rpc.frames import Reply


class Tester:
    """Runs grade cells, one after another, in one process after another where they die."""

    def __init__(
        self, connection: Connection, peer: TesterPeer, plan: Plan, files: Files, alone: bool = False
    ):
        """Start nothing yet.

        Args:
            connection: Where processes are forked.
            peer: May have a process already, which was prepared for the same plan.
            plan: Of the notebook.
            files: The instructor's, which lie in the folder of each process.
            alone: Whether each cell starts from the names that the first one found.
        """
        self.peer = peer
        self._connection = connection
        self._plan = plan
        self._files = files
        self._alone = alone
        self.started_for: GradeCell | None = None
        """The first grade cell of the process."""

    def warm_up(self) -> None:
        """Start a process where there is none, and let it run the instructor's cells. Raises Broken."""
        if self.peer.child is None:
            self.peer.start(self._connection.fork(), self._files)
            self.peer.send(
                {
                    "type": "prepare",
                    "cells": self._plan.prepare,
                    "student_names": sorted(self._plan.student_names),
                }
            )

    def grade(self, step: GradeCell) -> None:
        """Have a grade cell run after those before it. Raises Broken where the fork server is gone."""
        self.peer.append(step)
        if self.peer.child is None:
            self.started_for = step
            self.warm_up()
        read = set(step.names.read)
        classes = sorted(name for name, near in self._plan.classes.items() if read & near)
        self.peer.send(
            {
                "type": "grade",
                "id": step.id,
                "code": step.cell.source,
                "count": step.count,
                "alone": self._alone,
                "values": dict(step.values),
                "wanted": step.wanted,
                "may_ask": not self._alone,
                "classes": classes,
            }
        )

    def finish(self, reply: Reply) -> tuple[GradeCell, Reply]:
        """Take the cell that is done off the queue, and return it with the reply that counts."""
        step, stopped = self.peer.steps[0], self.peer.was_stopped(reply)
        self.peer.next_step()
        return step, TIMEOUT if stopped else reply

    def bury(self) -> GradeCell | None:
        """End a process that is dead or must die, and send what waited behind its cell to a new one.

        Returns:
            The grade cell that was running, which is not run again; None where none was.
        """
        steps = list(self.peer.steps)
        self.peer.end()
        for step in steps[1:]:
            self.grade(step)
        return steps[0] if steps else None
