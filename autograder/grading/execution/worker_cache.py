"""What a worker keeps from one submission to the next: of a few versions of lessons, those used last.

A cluster's worker lives for weeks and meets every version of every lesson, so what it keeps has a bound.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from functools import cached_property

from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.execution.comparison_cache import ComparisonCache
from autograder.grading.execution.plan import Plan, plan_of
from autograder.grading.submission import lesson_version

MOST_LESSONS = 8
"""Of so many lessons, or versions of one, a worker keeps what it prepared."""


class PreparedLesson:
    """One version of a lesson: what grading any submission of it needs, made when it is first asked for."""

    def __init__(self, snapshot: Snapshot):
        self._snapshot = snapshot
        self._plans: dict[str, Plan] = {}
        self._comparisons: dict[str, ComparisonCache] = {}

    @cached_property
    def files(self) -> dict[str, str]:
        """The instructor's files by path, in base64, as they travel to a child."""
        return {
            path: base64.b64encode(data).decode()
            for path, data in self._snapshot.files.items()
            if path not in self._snapshot.keep
        }

    @cached_property
    def version(self) -> str:
        """The lesson's version; '' where its files name none."""
        return lesson_version.version_of(self._snapshot.files)

    def plan(self, notebook: str) -> Plan:
        """How a notebook is graded."""
        if notebook not in self._plans:
            source = self._snapshot.notebooks[notebook]
            self._plans[notebook] = plan_of(source.instructor, same_process=bool(self._snapshot.keep))
        return self._plans[notebook]

    def comparisons(self, notebook: str) -> ComparisonCache:
        """What a notebook's comparison cells gave, and their process, which all submissions share."""
        return self._comparisons.setdefault(notebook, ComparisonCache())

    def close(self) -> None:
        """End the processes of comparison cells."""
        for comparisons in self._comparisons.values():
            if comparisons.child:
                comparisons.child.end()
        self._comparisons.clear()


class WorkerCache:
    """What one worker prepared. It belongs to the loop that grades, and ends with it."""

    def __init__(self, most: int = MOST_LESSONS):
        self._most = most
        self._kept: OrderedDict[str, PreparedLesson] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        """Forget everything, and end the processes that were kept."""
        while self._kept:
            self._kept.popitem()[1].close()

    def lesson(self, snapshot: Snapshot) -> PreparedLesson:
        """What is kept for `snapshot`; the lesson that was used least lately goes for a new one."""
        if snapshot.digest not in self._kept:
            while len(self._kept) >= self._most:
                self._kept.popitem(last=False)[1].close()
            self._kept[snapshot.digest] = PreparedLesson(snapshot)
        self._kept.move_to_end(snapshot.digest)
        return self._kept[snapshot.digest]
