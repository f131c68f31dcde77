"""What an execution keeps of its children: the cells they were sent, and how a cell ends that had no end."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.grading.execution.comparison_cache import Key
from autograder.grading.execution.outputs import Outputs
from autograder.grading.forkserver.client import Child
from autograder.grading.rpc.channel import Frame
from autograder.grading.sandbox.limits import Limits


@dataclass
class Step:
    """One code cell on its way. `walled` cells are run by the tester; `replayed` ones show nothing."""

    cell: NotebookNode
    count: int
    walled: bool
    replayed: bool = False
    wanted: tuple[str, ...] = ()
    """The names that a walled cell takes from the student."""
    request: tuple[Frame, bool] = field(default_factory=lambda: ({}, False))
    """The student's values that a walled cell is run with, and whether objects are among them."""
    key: Key | None = None
    """Under which the result of a cell that only compares is kept."""

    @property
    def id(self) -> str:
        """What frames call it."""
        return f"cell-{self.count}"


class Side:
    """One of the two children: what it was sent and has not done, and since when it works on the first."""

    def __init__(self, limits: Limits):
        self.child: Child | None = None
        self.steps: deque[Step] = deque()
        self.outputs = Outputs(limits.output)
        self.since = 0.0
        self.interrupted = False

    def next(self) -> None:
        """The first step is done."""
        self.steps.popleft()
        self.started()

    def started(self) -> None:
        """The first step begins now."""
        self.since = time.monotonic()
        self.interrupted = False
        if self.steps and not self.steps[0].replayed:
            self.outputs.start(self.steps[0].cell)

    def is_late(self, done: Frame) -> bool:
        """Whether the cell that ended so had to be interrupted."""
        reply = done.get("reply")
        return self.interrupted and type(reply) is dict and reply.get("ename") == "KeyboardInterrupt"

    def end(self) -> None:
        """End the child and forget what it was sent."""
        if self.child:
            self.child.end()
        self.child = None
        self.steps.clear()
        self.interrupted = False


def fail(step: Step, name: str, words: str, lines: Any = None) -> None:
    """Give the cell of `step` the error that it ended with; `lines` are a traceback's."""
    traceback = [str(line) for line in lines] if type(lines) is list and lines else [f"{name}: {words}"]
    step.cell.outputs.append(new_output("error", ename=name, evalue=words, traceback=traceback))


TIMEOUT = {
    "status": "error",
    "ename": "CellTimeoutError",
    "evalue": "",
    "traceback": ["\x1b[0;31mCellTimeoutError\x1b[0m: No reply from kernel before timeout"],
}
DEAD = {"status": "error", "ename": "DeadKernelError", "evalue": "Kernel died", "traceback": []}
DIED: Frame = {"error": {"kind": "RuntimeError", "message": "the student's process died", "traceback": ""}}
LATE: Frame = {
    "error": {"kind": "TimeoutError", "message": "the student's code did not stop", "traceback": ""}
}
