"""The worker's view of one child process: the steps it was sent, its clock, and whether it is alive."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from autograder.grading.execution.outputs import Outputs
from autograder.grading.execution.steps import (
    GradeCell,
    RunCell,
    RunInSavepoint,
    Step,
    is_replayed,
)
from autograder.grading.forkserver.client import Child
from autograder.grading.rpc.channel import Broken
from autograder.grading.rpc.frames import ChildFrame, Reply, WorkerFrame, checked
from autograder.grading.sandbox.limits import Limits

Files = Mapping[str, str]
"""Base64 by relative path."""
GRACE = 1.5
"""Seconds that an interrupted cell has to end."""

AnyStep = TypeVar("AnyStep", bound=Step)


class Peer(Generic[AnyStep]):
    """One child: its queue of steps, the deadline of the first of them, and whether that was interrupted.

    Sending never fails. Where the process is gone, `is_dead` says so, and the event loop reports it in
    its turn; nothing is done about it in the middle of something else.
    """

    def __init__(self, limits: Limits, child: Child | None = None):
        self.child = child
        self.steps: deque[AnyStep] = deque()
        self.outputs = Outputs(limits.output)
        self.interrupted = False
        self.is_dead = False
        self._cell_seconds = limits.cell_seconds
        self._since = 0.0
        self._clock_runs = True

    @property
    def current(self) -> AnyStep | None:
        """The step that the child works on."""
        return self.steps[0] if self.steps else None

    # Steps.

    def append(self, step: AnyStep) -> None:
        """Queue a step; it begins now where there is none before it."""
        self.steps.append(step)
        if len(self.steps) == 1:
            self.start_step()

    def next_step(self) -> None:
        """Drop the first step, which is done; the next one begins now."""
        self.steps.popleft()
        self.start_step()

    def start_step(self) -> None:
        """Begin the first step now."""
        self.interrupted = False
        self.run_clock()
        first = self.current
        if isinstance(first, RunCell | RunInSavepoint | GradeCell) and not is_replayed(first):
            self.outputs.start(first.cell)

    # The clock.

    def run_clock(self) -> None:
        """Count the first step's seconds from now on."""
        self._clock_runs, self._since = True, time.monotonic()

    def stop_clock(self) -> None:
        """Count nothing: the child waits for somebody else."""
        self._clock_runs = False

    @property
    def deadline(self) -> float | None:
        """When the first step has had its time, on the monotonic clock; None where nothing runs."""
        if not self.steps or not self._clock_runs:
            return None
        return self._since + (GRACE if self.interrupted else self._cell_seconds)

    def interrupt(self, child: Child | None) -> None:
        """Give the first step its last seconds; the interrupt goes to `child`, in which its work is done."""
        self.interrupted = True
        self.run_clock()
        if child:
            child.interrupt()

    def was_stopped(self, reply: Reply) -> bool:
        """Whether the step that ended so ended by the interrupt."""
        return self.interrupted and reply["ename"] == "KeyboardInterrupt"

    # The process.

    def start(self, child: Child, files: Files) -> None:
        """Talk to a new process from now on, which is to have `files` in its folder."""
        self.child, self.is_dead = child, False
        environment = {"NBGRADER_EXECUTION": "autograde"}
        self.send({"type": "files", "files": files, "environment": environment})

    def send(self, frame: WorkerFrame) -> None:
        """Send a frame; to a process that is gone, nothing."""
        if self.child and not self.is_dead:
            try:
                self.child.channel.send(frame)
            except Broken:
                self.is_dead = True

    def read(self) -> None:
        """Read what has arrived. A frame that came before the end of the process is still received."""
        if self.child:
            try:
                self.child.channel.fill()
            except Broken:
                self.is_dead = True

    def flush(self) -> None:
        """Send on what the process did not take at first."""
        if self.child:
            try:
                self.child.channel.flush()
            except Broken:
                self.is_dead = True

    def received(self) -> Iterator[ChildFrame]:
        """Yield the frames that have arrived whole, each in its right shape; others are passed over.

        The process may be ended, and replaced, between two of them.
        """
        try:
            while self.child and (frame := self.child.channel.buffered()) is not None:
                found = checked(frame)
                if found is not None:
                    yield found
        except Broken:
            self.is_dead = True

    def end(self) -> None:
        """End the process, and forget what it was sent."""
        if self.child:
            self.child.end()
        self.child, self.is_dead = None, False
        self.steps.clear()
        self.interrupted = False


StudentPeer = Peer[Step]
TesterPeer = Peer[GradeCell]
