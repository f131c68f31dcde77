"""Memoizes grade cells that only compare: their result is a function of the student's plain values.

One cache per worker and notebook serves all submissions. Its process runs none of the students' code, and
each of its cells starts from the same names. What a cell gave for some values is kept, because many
students give the same answer.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.grading.execution.cell_errors import conclude
from autograder.grading.execution.peer import Files, Peer, TesterPeer
from autograder.grading.execution.plan import Plan
from autograder.grading.execution.steps import GradeCell
from autograder.grading.execution.tester import Tester
from autograder.grading.forkserver.client import Child, Connection
from autograder.grading.rpc.frames import Reply
from autograder.grading.sandbox.limits import Limits

MOST_KEPT = 20_000
LARGEST_KEPT = 2_000
"""Characters of the values that a kept result belongs to."""

Key = tuple[str, int, str]


@dataclass(frozen=True)
class CellResult:
    """What a grade cell gave: its outputs and the kernel's reply."""

    outputs: list[NotebookNode]
    reply: Reply


@dataclass
class ComparisonCache:
    """The results of one notebook's comparison cells, and the process that computes them."""

    child: Child | None = None
    """None until it is needed, while it is lent, and after it died."""
    kept: dict[Key, CellResult] = field(default_factory=dict)

    @contextmanager
    def lend(self, limits: Limits) -> Iterator[TesterPeer]:
        """Lend the process, as a peer of one run."""
        peer: TesterPeer = Peer(limits, self.child)
        self.child = None
        try:
            yield peer
        finally:
            if peer.steps:  # interrupted in the middle: what it would say belongs to nobody
                peer.end()
            self.child = peer.child

    def recall(self, key: Key) -> CellResult | None:
        """Return what the cell gave for these values before."""
        found = self.kept.get(key)
        return CellResult(copy.deepcopy(found.outputs), found.reply) if found else None

    def keep(self, key: Key, result: CellResult) -> None:
        """Remember it, where the values are short."""
        if len(key[2]) > LARGEST_KEPT:
            return
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept[key] = CellResult(copy.deepcopy(result.outputs), result.reply)


class SharedChecker(Tester):
    """The tester of comparison cells. It asks the cache first, and its process outlives the submission."""

    def __init__(
        self, connection: Connection, peer: TesterPeer, plan: Plan, files: Files, cache: ComparisonCache
    ):
        """`peer` is what `cache` lends; the other Args as in `Tester`."""
        super().__init__(connection, peer, plan, files, alone=True)
        self._cache = cache

    def grade(self, step: GradeCell) -> None:
        """Give the cell what it gave before for these values, or have it run."""
        known = self._cache.recall(_key_of_step(step))
        if known is None:
            super().grade(step)
            return
        step.cell.outputs = known.outputs
        conclude(step.cell, known.reply)

    def finish(self, reply: Reply) -> tuple[GradeCell, Reply]:
        """Take the cell that is done off the queue, and keep what it gave in its time."""
        late = self.peer.interrupted
        step, found = super().finish(reply)
        if late:  # an interrupt may still be on its way, and is not to meet another cell
            self._begin_anew(list(self.peer.steps))
        else:
            self._cache.keep(_key_of_step(step), CellResult(step.cell.outputs, reply))
        return step, found

    def bury(self) -> GradeCell | None:
        """End a process that is dead or must die, and send what waited to a new one.

        A process that died of its age, of the time that the class before spent in it, is nobody's fault:
        the cell at hand is run again, in the new one.

        Returns:
            The grade cell that was running, if it is to blame; None where it is run again, or none was.
        """
        steps, aged = list(self.peer.steps), not self.peer.interrupted
        killer = steps[0] if steps and not (aged and steps[0] is not self.started_for) else None
        self._begin_anew([step for step in steps if step is not killer])
        return killer

    def _begin_anew(self, steps: Sequence[GradeCell]) -> None:
        self.peer.end()
        for step in steps:
            self.grade(step)


def key_of(grade: str, count: int, values: Mapping[str, object]) -> Key:
    """Return the key of a comparison cell's result: the same key is the same result.

    Args:
        grade: The cell's grade id.
        count: Its number among the cells that are run.
        values: The student's values, encoded, by name.
    """
    return grade, count, json.dumps(values, sort_keys=True)


def _key_of_step(step: GradeCell) -> Key:
    return key_of(step.grade_id, step.count, step.values)
