"""Runs one notebook: the student's cells in one process, the grade cells in another (process isolation).

All work at once. The student's process runs ahead: for each grade cell it hands over the values of the
names that the cell needs, and goes on. Only where a function or an object is among them does it wait, and
answer the tester's questions, until that grade cell is done; so functions are called in the state that they
had. Cells that only compare plain values go to a third process, which all submissions of a worker share.

A cell that hangs is interrupted, then its process is ended; a process that dies is replaced, and the
student's earlier cells are run again. So a cell costs at most its own exercise.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nbformat import NotebookNode

from autograder.grading.execution.comparison_cache import ComparisonCache, SharedChecker
from autograder.grading.execution.event_loop import NotebookRun
from autograder.grading.execution.peer import Files, Peer
from autograder.grading.execution.plan import Plan
from autograder.grading.execution.steps import steps_of
from autograder.grading.execution.student import Student
from autograder.grading.execution.tester import Tester
from autograder.grading.forkserver.client import Connection
from autograder.grading.sandbox.limits import Limits
from autograder.grading.trial.ways import Way

LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": sys.version.split()[0],
}


@dataclass(frozen=True)
class RunFiles:
    """What lies in the folders of the processes: the student's own, and that of the testers."""

    student: Files
    instructor: Files


@dataclass(frozen=True)
class RunReport:
    """What a run says besides the outputs: remarks, and by grade id the cell of a test's isolated run."""

    notes: list[str]
    witnesses: Mapping[str, NotebookNode]


def run_notebook(
    notebook: NotebookNode,
    connection: Connection,
    plan: Plan,
    limits: Limits,
    files: RunFiles,
    comparisons: ComparisonCache,
    ways: Mapping[str, Way] = MappingProxyType({}),
) -> RunReport:
    """Run every cell of a repaired notebook, and put its outputs into it.

    Args:
        notebook: Is changed.
        connection: Where processes are forked.
        plan: Of the assignment's notebook.
        limits: Of a cell and of the notebook.
        files: Of the student and of the instructor.
        comparisons: Of the same plan, from the submissions before.
        ways: How tests are run, by grade id; one that is missing is isolated, without a savepoint.

    Returns:
        Remarks for the instructor, and what the isolated runs gave of tests that have two.

    Raises:
        Broken: The fork server is gone.
    """
    notebook.metadata["language_info"] = dict(LANGUAGE)
    with comparisons.lend(limits) as peer:
        checker = SharedChecker(connection, peer, plan, files.instructor, comparisons)
        tester = Tester(connection, Peer(limits), plan, files.instructor)
        student = Student(connection, Peer(limits), files.student, steps_of(notebook, plan, ways))
        run = NotebookRun(student, tester, checker, plan, limits.notebook_seconds)
        try:
            run.run()
        finally:
            student.end()
            tester.peer.end()
    return RunReport(run.notes, run.witnesses)
