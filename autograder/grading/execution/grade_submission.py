"""A pure function: (a submission's files, the snapshot) -> notebooks with outputs, and marks.

It reads no file and no database, so that a process on another machine can run it as well.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.core.errors import GradingError
from autograder.core.verdict import Outcome
from autograder.grading.assignment import after_hidden_tests
from autograder.grading.assignment.scoring import Marks, finish, marks_of
from autograder.grading.execution.plan import Plan
from autograder.grading.execution.run_notebook import RunFiles, run_notebook
from autograder.grading.execution.weigh import weighed
from autograder.grading.execution.worker_cache import WorkerCache
from autograder.grading.forkserver.client import Connection
from autograder.grading.rpc.channel import Broken
from autograder.grading.sandbox.limits import Limits
from autograder.grading.submission import lesson_version, notebook_file
from autograder.grading.submission.repair import repair
from autograder.grading.trial.assigned import Assigned
from autograder.grading.trial.ways import InProcess, Way

ENGINE = "autograder 3"
"""Changes when the engine would grade the same submission otherwise; then everything is graded again."""


@dataclass(frozen=True)
class Job:
    """One student's submission: notebooks by name (without .ipynb), other files by relative path."""

    student: str
    notebooks: Mapping[str, bytes]
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What became of a job: `reason` says why it could not be graded, '' where it was."""

    student: str
    notebooks: Mapping[str, tuple[bytes, Marks]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    reason: str = ""

    @property
    def verdicts(self) -> dict[str, Outcome]:
        """By grade id, what the check said."""
        return {name: said for _, marks in self.notebooks.values() for name, said in marks.verdicts.items()}


def grade(job: Job, assigned: Assigned, limits: Limits, connection: Connection, cache: WorkerCache) -> Done:
    """Grade one submission. Never raises for what a student submitted.

    Args:
        job: The submission.
        assigned: The assignment, and how its tests run.
        limits: Of a cell and of a notebook.
        connection: Where processes are forked.
        cache: The worker's own, from the submissions before.

    Returns:
        The graded notebooks, or the reason why there are none.

    Raises:
        Broken: The fork server is gone; then this worker can grade nobody.
    """
    start = time.monotonic()
    snapshot = assigned.snapshot
    graded: dict[str, tuple[bytes, Marks]] = {}
    notes: list[str] = []
    try:
        lesson = cache.lesson(assigned)
        files = RunFiles(student={**_encoded(job), **lesson.files}, instructor=lesson.files)
        for name, source in snapshot.notebooks.items():
            if name not in job.notebooks:
                continue
            repaired = repair(job.notebooks[name], source)
            plan, comparisons = (
                lesson.learner_plan(name, repaired.notebook["cells"]),
                lesson.comparisons(name),
            )
            ways = plan.ways() if plan else {}
            report = run_notebook(
                repaired.notebook, connection, lesson.plan(name), limits, files, comparisons, ways
            )
            finish(repaired.notebook, snapshot)
            after_hidden_tests.mark(repaired.notebook["cells"], _in_process(lesson.plan(name), ways))
            marks = marks_of(repaired.notebook, source)
            if plan:
                marks = weighed(marks, plan, repaired.notebook, report.witnesses, source, assigned.flagged)
            notes += lesson_version.remark(repaired.notebook["metadata"], lesson.version)
            notes += [*repaired.notes, *report.notes]
            notes += [f"{test} asks for a look: {flag}" for test, flag in marks.flags.items()]
            graded[name] = (notebook_file.write(repaired.notebook), marks)
    except Broken:
        raise
    except GradingError as error:
        return Done(job.student, reason=str(error), seconds=time.monotonic() - start)
    except Exception as error:  # a fault of ours must stop nobody else
        reason = f"the grader failed on it ({type(error).__name__}: {error}); please report this"
        return Done(job.student, reason=reason[:500], seconds=time.monotonic() - start)
    return Done(job.student, graded, tuple(notes), time.monotonic() - start)


def _in_process(plan: Plan, ways: Mapping[str, Way]) -> frozenset[str]:
    """Grade ids of the tests that run in the student's process itself."""
    return plan.same_process | {name for name, way in ways.items() if isinstance(way, InProcess)}


def _encoded(job: Job) -> dict[str, str]:
    """The student's own files, as they travel to the student's child."""
    return {name: base64.b64encode(data).decode() for name, data in job.files.items()}
