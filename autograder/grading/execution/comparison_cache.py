"""The tester of the cells that only compare: one for all submissions that a worker grades.

It runs none of the students' code, and each of its cells starts from the same names. What a cell gave for
some values is kept, because many students give the same answer.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode

from autograder.grading.forkserver.client import Child
from autograder.grading.rpc.channel import Frame

MOST_KEPT = 20_000
LARGEST_KEPT = 2_000
"""Characters of the values that a kept result belongs to."""

Key = tuple[str, int, str]


@dataclass(frozen=True)
class Given:
    """What a grade cell gave: its outputs and the kernel's reply."""

    outputs: list[NotebookNode]
    reply: Any


@dataclass
class Checker:
    """One worker's, of one notebook. `child` is None until it is needed, and after it died."""

    child: Child | None = None
    kept: dict[Key, Given] = field(default_factory=dict)

    def recall(self, key: Key) -> Given | None:
        """What the cell gave for these values before."""
        found = self.kept.get(key)
        return Given(copy.deepcopy(found.outputs), found.reply) if found else None

    def keep(self, key: Key, given: Given) -> None:
        """Remember it, where the values are short."""
        if len(key[2]) > LARGEST_KEPT:
            return
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        self.kept[key] = Given(copy.deepcopy(given.outputs), given.reply)


def key_of(grade: str, count: int, values: Frame) -> Key:
    """Of a cell that only compares: the same key is the same result."""
    return grade, count, json.dumps(values, sort_keys=True)
