"""The event loop of one notebook's run: what happens to its processes, and what is done about it.

A handler does one thing and returns. Where a frame cannot be sent, the event loop says so later (`Died`),
so that no handler runs inside another.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from nbformat import NotebookNode

from autograder.grading.execution.cell_errors import DEAD, TIMEOUT, conclude, fail
from autograder.grading.execution.comparison_cache import SharedChecker
from autograder.grading.execution.events import (
    Answer,
    AnyPeer,
    Ask,
    Died,
    Done,
    Event,
    NotebookTimeout,
    Output,
    Taken,
    Timeout,
    Values,
    next_events,
)
from autograder.grading.execution.peer import TesterPeer
from autograder.grading.execution.plan import Plan
from autograder.grading.execution.questions import DIED, STUCK, Questions
from autograder.grading.execution.steps import (
    GradeCell,
    HandOverAgain,
    RunCell,
    RunInSavepoint,
    TakeSavepoint,
    in_savepoint,
    is_replayed,
    shows,
)
from autograder.grading.execution.student import Student
from autograder.grading.execution.tester import Tester
from autograder.grading.rpc.exactness import crossed_exactly
from autograder.grading.rpc.frames import Body, Reply

MOST_DEATHS = 25
"""So often the student's process is replaced; a notebook that kills more ends there."""


class NotebookRun:
    """The event loop of one notebook: one handler for each kind of event."""

    def __init__(self, student: Student, tester: Tester, checker: SharedChecker, plan: Plan, seconds: float):
        """Start the clock.

        Args:
            student: Has all steps to do.
            tester: For grade cells that may use the student's objects.
            checker: For grade cells that only compare plain values.
            plan: Of the notebook; says which are which.
            seconds: What the notebook may take.
        """
        self.student = student
        self.tester = tester
        self.checker = checker
        self.plan = plan
        self.questions = Questions(student, tester)
        self.ends = time.monotonic() + seconds
        self.notes: list[str] = []
        self.isolated: list[GradeCell] = []
        """The isolated tests so far. One that was also run in a savepoint holds a copy of its cell."""
        self.asks = False
        """Whether a test so far may ask about the student's objects."""
        self.witnesses: dict[str, NotebookNode] = {}
        """By grade id, what the isolated run of a test gave that was also run in a savepoint."""

    def run(self) -> None:
        """Handle events until no step is left."""
        for event in self.events():
            self._handle(event)

    def events(self) -> Iterator[Event]:
        """Yield what happens, and keep the student's process busy, until no step is left."""
        peers: tuple[AnyPeer, ...] = (self.student.peer, self.tester.peer, self.checker.peer)
        while self.student.todo or any(peer.steps for peer in peers):
            asking = self.student.feed()
            if asking:
                self.tester.grade(asking)
            yield from next_events(peers, self.ends)

    def _handle(self, event: Event) -> None:
        match event:
            case Output():
                self._on_output(event)
            case Done():
                self._on_done(event)
            case Values():
                self._on_values(event)
            case Taken():
                self._on_taken(event)
            case Ask():
                self._on_ask(event)
            case Answer():
                self._on_answer(event)
            case Timeout():
                self._on_timeout(event.peer)
            case Died():
                self._on_death(event.peer)
            case NotebookTimeout():
                self._give_up("NotebookTimeout", "the notebook took longer than a notebook may")

    # What children say. A frame of the student's process may be forged, or of a thread that outlives its
    # cell: it counts only where it names the step that is its turn, and is of that step's kind.

    def _on_output(self, event: Output) -> None:
        step = event.peer.current
        if step is None:
            return
        if event.peer is self.student.peer:
            mine = event.frame["parent"] in ("", step.id)
            if not (mine and isinstance(step, RunCell | RunInSavepoint) and not is_replayed(step)):
                return
        event.peer.outputs.add(event.frame)

    def _on_done(self, event: Done) -> None:
        step = event.peer.current
        if step is None or event.frame["id"] != step.id:
            return
        reply = event.frame["reply"]
        if event.peer is not self.student.peer:
            self._tester_done(self._tester_of(event.peer), reply)
        elif isinstance(step, RunCell):
            stopped = event.peer.was_stopped(reply)
            self.student.ran(step)
            if not step.replayed:
                conclude(step.cell, TIMEOUT if stopped else reply)
            self.questions.pass_on()
        elif isinstance(step, RunInSavepoint):
            stopped = event.peer.was_stopped(reply) or step.interrupts > 1
            self.student.ran_in_savepoint(step)
            conclude(step.cell, TIMEOUT if stopped else reply)

    def _tester_done(self, tester: Tester, reply: Reply) -> None:
        step, reply = tester.finish(reply)
        conclude(step.cell, reply)
        if tester is self.tester:
            self.questions.close()
        self.student.graded(step)

    def _on_values(self, event: Values) -> None:
        step = event.peer.current
        if event.peer is not self.student.peer or not isinstance(step, GradeCell | HandOverAgain):
            return
        if event.frame["id"] != step.id:
            return
        values = event.frame["values"]
        if isinstance(step, HandOverAgain):
            step.test.receive(values)
            self.student.handed_over_again()
            return
        step.receive(values)
        then = None
        # Whether the process took a savepoint is not asked: without one the test is lost.
        if step.savepoint == "always" or (step.savepoint == "inexact" and not crossed_exactly(values)):
            then = in_savepoint(step, self.isolated)
            self.witnesses[step.grade_id] = step.cell
        self.isolated.append(step)
        compares = step.grade_id in self.plan.comparing and not step.waits
        # A test that may ask waits for the student's last cell, and those behind it wait for their turn.
        self.asks = self.asks or step.waits
        self.student.handed_over(step, then, deferred=self.asks and not compares)
        if compares:
            self.checker.grade(step)
        elif self.asks:
            self.tester.warm_up()
        else:
            self.tester.grade(step)
        self.questions.pass_on()

    def _on_taken(self, event: Taken) -> None:
        step = event.peer.current
        if event.peer is not self.student.peer or not isinstance(step, TakeSavepoint):
            return
        if event.frame["id"] == step.id:
            self.student.took_savepoint(step)

    def _on_ask(self, event: Ask) -> None:
        if event.peer is self.student.peer:
            self.questions.ask_back(event.frame)
        elif event.peer is self.tester.peer:
            self.questions.ask(event.frame)

    def _on_answer(self, event: Answer) -> None:
        if event.peer is self.student.peer:
            self.questions.answer(event.frame)
        elif event.peer is self.tester.peer:
            self.questions.answer_back(event.frame)

    # When a step does not end, or a process ends too soon.

    def _on_timeout(self, peer: AnyPeer) -> None:
        """Interrupt the step; where that was done before, end the process that does not stop."""
        asking = peer is self.tester.peer and self.questions.are_open
        step = peer.current
        if isinstance(step, RunInSavepoint) and step.interrupts < 2:
            step.interrupts += 1  # the second one ends the fork alone
            peer.interrupt(peer.child)
        elif asking and isinstance(step, GradeCell) and step.interrupts < 2:
            step.interrupts += 1  # as above: the fork in which the student's function runs
            peer.interrupt(self.student.peer.child)
        elif not peer.interrupted:
            peer.interrupt(peer.child)
        elif asking:  # the student's function does not stop; the test may go on without it
            peer.run_clock()
            self._student_died(STUCK)
        else:
            self._on_death(peer)

    def _on_death(self, peer: AnyPeer) -> None:
        if peer is self.student.peer:
            self._student_died(DIED)
        else:
            self._tester_died(self._tester_of(peer))

    def _student_died(self, answer: Body) -> None:
        """The cell that ended the process fails; the others are done in a new one. Questions get `answer`."""
        late = self.student.peer.interrupted
        killer = self.student.bury()
        if killer and not is_replayed(killer):
            conclude(killer.cell, TIMEOUT if late else DEAD)
        self.questions.fail(answer)
        self.questions.pass_on()
        if self.student.deaths > MOST_DEATHS:
            self.notes.append("its cells ended the kernel again and again; the rest was not run")
            self._give_up("DeadKernelError", "Kernel died")

    def _tester_died(self, tester: Tester) -> None:
        """The grade cell that ended the process fails; those behind it go to a new one."""
        late = tester.peer.interrupted
        killer = tester.bury()
        if tester is self.tester:
            self.questions.close()
        if killer:
            conclude(killer.cell, TIMEOUT if late else DEAD)
            self.student.graded(killer)

    def _tester_of(self, peer: AnyPeer) -> Tester:
        return self.tester if peer is self.tester.peer else self.checker

    def _give_up(self, name: str, words: str) -> None:
        """Fail all steps that are left, and end every process."""
        testers: tuple[TesterPeer, ...] = (self.tester.peer, self.checker.peer)
        left = [*(step for peer in testers for step in peer.steps), *self.student.peer.steps]
        cells = {step.id: step.cell for step in (*left, *self.student.todo) if shows(step)}
        for cell in cells.values():
            fail(cell, name, words)
        self.student.todo.clear()
        self.student.end()
        for peer in testers:
            peer.end()
