"""The student's process: what it was sent, what it does now, and how it is replaced when it dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.grading.execution.peer import Files, StudentPeer
from autograder.grading.execution.steps import (
    GradeCell,
    HandOverAgain,
    Repeatable,
    RunCell,
    RunInSavepoint,
    Serve,
    Step,
    TakeSavepoint,
    is_replayed,
    replay_of,
    request_of,
)
from autograder.grading.forkserver.client import Connection

_REFERENCES = 1 << 40
"""Each process numbers its objects, and those of its forks, from a multiple of this: all are told apart."""


@dataclass(frozen=True)
class Idle:
    """There is nothing to do, and perhaps no process. It answers questions."""


@dataclass(frozen=True)
class Running:
    """It runs the first of the steps that it was sent, and answers nothing."""


@dataclass(frozen=True)
class AwaitingTester:
    """It answers questions about what it handed over for `step`, until that is done."""

    step: GradeCell


StudentState = Idle | Running | AwaitingTester


class Student:
    """Runs the student's cells in order, in one process after another where they die."""

    def __init__(self, connection: Connection, peer: StudentPeer, files: Files, steps: Iterable[Step]):
        """Start nothing yet.

        Args:
            connection: Where processes are forked.
            peer: Has no process yet.
            files: What lies in the folder of each process.
            steps: All steps of the notebook.
        """
        self.peer = peer
        self.state: StudentState = Idle()
        self.todo: deque[Step] = deque(steps)
        """The steps that no process was sent, or that died with one."""
        self.deaths = 0
        self._connection = connection
        self._files = files
        self._done: list[Repeatable] = []  # to be done again after a death

    @property
    def first_reference(self) -> int:
        """The number of its first object; those below were of processes that died."""
        return self.deaths * _REFERENCES

    @property
    def answers(self) -> bool:
        """Whether it would answer a question now."""
        return not isinstance(self.state, Running)

    def feed(self) -> GradeCell | None:
        """Send the steps that are to be done, where the process has none.

        Returns:
            The test about whose objects the process answers now, if it is one's turn.
        """
        if not self.todo or not isinstance(self.state, Idle):
            return None
        if self.peer.child is None:
            self.peer.start(self._connection.fork(), self._files)
            self.peer.send({"type": "first", "ref": self.first_reference})
            self.todo.extendleft(reversed([replay_of(step) for step in self._done]))
        self.peer.steps = self._next_steps()
        self.peer.start_step()
        self.peer.send({"type": "steps", "steps": [request_of(step) for step in self.peer.steps]})
        first = self.peer.steps[0]
        if not isinstance(first, Serve):
            self.state = Running()
            return None
        self.state = AwaitingTester(first.test)
        self.peer.stop_clock()
        return first.test

    def ran(self, step: RunCell) -> None:
        """Go on: the first step, which runs a cell, is done."""
        if not step.replayed:
            self._done.append(step)
        self._go_to_next()

    def took_savepoint(self, step: TakeSavepoint) -> None:
        """Go on: the first step, which takes a savepoint, is done."""
        if step not in self._done:
            self._done.append(step)
        self._go_to_next()

    def ran_in_savepoint(self, step: RunInSavepoint) -> None:
        """Go on: the first step, which runs a test in its savepoint, is done, and the savepoint dropped."""
        self._forget_savepoint(step)
        self._go_to_next()

    def handed_over(self, step: GradeCell, then: RunInSavepoint | None, deferred: bool) -> None:
        """Go on: the first step, which hands over values, is done.

        Args:
            step: The first step.
            then: The same test, to be run in the savepoint that was taken; None where none was.
            deferred: Whether the test is run after the student's last cell: it may ask about objects.
        """
        if deferred:
            self._done.append(HandOverAgain(step))
            self._put_before_savepoints(Serve(step))
        elif then is not None:
            self._done.append(TakeSavepoint(step.count, step.copy_files))
        if then is not None:
            self.todo.append(then)
        self._go_to_next()

    def handed_over_again(self) -> None:
        """Go on: the first step, which a new process repeated, is done."""
        self._go_to_next()

    def graded(self, step: GradeCell) -> None:
        """Let the process go on, if it is this grade cell that it answers for."""
        if isinstance(self.state, AwaitingTester) and self.state.step is step:
            self.peer.send({"type": "go"})
            self.peer.run_clock()
            self._go_to_next()

    def end(self) -> None:
        """End the process, and forget what it was sent."""
        self.peer.end()
        self.state = Idle()

    def bury(self) -> RunCell | RunInSavepoint | None:
        """End a process that is dead or must die, and plan its steps anew, for the next one.

        Returns:
            The cell that was running, which is not run again; None where none was.
        """
        steps = list(self.peer.steps)
        if isinstance(self.state, AwaitingTester):
            del steps[0]  # its questions get an answer all the same
        first = steps[0] if steps and isinstance(self.state, Running) else None
        killer = first if isinstance(first, RunCell | RunInSavepoint) else None
        if isinstance(first, RunCell | RunInSavepoint | TakeSavepoint):
            del steps[0]
            self._done = [step for step in self._done if step.count != first.count]
        self.todo.extendleft(reversed([step for step in steps if not is_replayed(step)]))
        self.end()
        self.deaths += 1
        return killer

    def _next_steps(self) -> deque[Step]:
        """Take the steps to send now: all up to the next test's text, or that text when its turn has come."""
        batch: deque[Step] = deque()
        while self.todo and not (batch and _is_held(self.todo[0])):
            batch.append(self.todo.popleft())
            if _is_held(batch[-1]):
                break
        return batch

    def _put_before_savepoints(self, serve: Serve) -> None:
        """Plan a test's questions: after the student's last cell, and before a process gets a test's text.

        What one test asks may stand in the text of another, by which a process could know the answer.
        """
        places = (place for place, step in enumerate(self.todo) if isinstance(step, RunInSavepoint))
        self.todo.insert(next(places, len(self.todo)), serve)

    def _forget_savepoint(self, step: RunInSavepoint) -> None:
        self._done = [
            one for one in self._done if not (isinstance(one, TakeSavepoint) and one.count == step.count)
        ]

    def _go_to_next(self) -> None:
        self.peer.next_step()
        self.state = Running() if self.peer.steps else Idle()


def _is_held(step: Step) -> bool:
    return isinstance(step, RunInSavepoint | Serve) or (isinstance(step, RunCell) and step.held)
