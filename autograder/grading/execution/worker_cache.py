"""What a worker keeps from one submission to the next: of a few versions of lessons, those used last.

A cluster's worker lives for weeks and meets every version of every lesson, so what it keeps has a bound.
"""

from __future__ import annotations

import base64
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.execution.comparison_cache import ComparisonCache
from autograder.grading.execution.plan import Plan, plan_of
from autograder.grading.execution.weigh import LearnerPlan
from autograder.grading.submission import lesson_version
from autograder.grading.trial.assigned import Assigned
from autograder.grading.trial.teacher_text import TeacherText
from autograder.grading.trial.trial_plan import Shared

MOST_LESSONS = 8
"""Of so many lessons, or versions of one, a worker keeps what it prepared."""


class PreparedLesson:
    """One version of a lesson: what grading any submission of it needs, made when it is first asked for."""

    def __init__(self, assigned: Assigned):
        self._assigned = assigned
        self._snapshot = assigned.snapshot
        self._texts: dict[str, TeacherText] = {}
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

    def learner_plan(self, notebook: str, cells: Sequence[Cell]) -> LearnerPlan | None:
        """How the tests of one submission run; None where each is isolated and nothing else.

        Args:
            notebook: Its name.
            cells: Of the submission, after repair.
        """
        plan = self._assigned.plans.get(notebook)
        if plan is None:
            return None
        if all(isinstance(test.way, Shared) and test.way.in_process for test in plan.tests.values()):
            return LearnerPlan(plan, {}, dict.fromkeys(plan.tests, "as nbgrader"))
        if notebook not in self._texts:
            source = self._snapshot.notebooks[notebook]
            self._texts[notebook] = TeacherText(source, self._snapshot.files, self._snapshot.keep)
        return LearnerPlan(*self._texts[notebook].plan_for(cells, plan))

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

    def lesson(self, assigned: Assigned) -> PreparedLesson:
        """What is kept for an assignment; the lesson that was used least lately goes for a new one."""
        if assigned.digest not in self._kept:
            while len(self._kept) >= self._most:
                self._kept.popitem(last=False)[1].close()
            self._kept[assigned.digest] = PreparedLesson(assigned)
        self._kept.move_to_end(assigned.digest)
        return self._kept[assigned.digest]
