"""The steps of a run: a notebook's code cells in order, each with the way in which it is run.

A further way to run a cell is a class here, its request in `request_of`, and a handler in
`run_notebook.NotebookRun` and in `forkserver.child`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Literal, TypeGuard

from nbformat import NotebookNode

from autograder.core.cell_tags import NOT_GRADED
from autograder.grading.execution.plan import Names, Plan, names_of
from autograder.grading.rpc.exactness import holds_references
from autograder.grading.rpc.frames import StepRequest
from autograder.grading.trial.ways import InProcess, InSavepoint, Isolated, Way


@dataclass(eq=False)
class RunCell:
    """A cell that runs in the student's process."""

    cell: NotebookNode
    count: int
    """The number of the cell among those that are run, from 1."""
    replayed: bool = False
    """Whether it ran before, in a process that died: it runs for its names, and shows nothing."""
    held: bool = False
    """Whether its text is sent when its turn comes, and not before: it is a test's."""

    @property
    def id(self) -> str:
        """What frames call it."""
        return f"cell-{self.count}"


@dataclass(eq=False)
class GradeCell:
    """A grade cell that runs in the tester's process, with values of the student's."""

    cell: NotebookNode
    count: int
    """The number of the cell among those that are run, from 1."""
    grade_id: str
    names: Names
    wanted: tuple[str, ...]
    """The names that it takes from the student."""
    values: Mapping[str, object] = field(default_factory=dict)
    """What the student's process handed over, still encoded, by name."""
    waits: bool = False
    """Whether objects are among the values, about which the student's process is asked."""
    savepoint: Literal["never", "inexact", "always"] = "never"
    """When the test is run in nbgrader's meaning as well."""
    copy_files: bool = False
    """Whether that run needs the folder as it is at the test's place."""
    interrupts: int = 0

    @property
    def id(self) -> str:
        """What frames call it."""
        return f"cell-{self.count}"

    def receive(self, values: Mapping[str, object]) -> None:
        """Take the student's values, and of them only what was asked for.

        A name that the tests bring themselves is not the student's to give.
        """
        self.values = {name: values[name] for name in self.wanted if name in values}
        self.waits = holds_references(self.values)


@dataclass(eq=False)
class TakeSavepoint:
    """The place of a test that is run after the student's last cell, in the state that holds here."""

    count: int
    """Of the test's cell."""
    copy_files: bool = False
    """Whether the test needs the folder as it is here."""

    @property
    def id(self) -> str:
        """What frames call it: as the test, whose savepoint it is."""
        return f"cell-{self.count}"


@dataclass(eq=False)
class RunInSavepoint:
    """A test that runs in its savepoint, after the student's last cell."""

    cell: NotebookNode
    count: int
    before: tuple[str, ...] = ()
    """Texts of earlier tests whose names it reads; they are run in the savepoint first, unseen."""
    interrupts: int = 0

    @property
    def id(self) -> str:
        """What frames call it."""
        return f"cell-{self.count}"


@dataclass(eq=False)
class Serve:
    """An isolated test's turn, after the student's last cell: it may ask about the student's objects."""

    test: GradeCell

    @property
    def id(self) -> str:
        """What frames call it: as the test."""
        return self.test.id

    @property
    def cell(self) -> NotebookNode:
        """The test's."""
        return self.test.cell

    @property
    def count(self) -> int:
        """Of the test's cell."""
        return self.test.count


@dataclass(eq=False)
class HandOverAgain:
    """The place of a test in a new process: its values are those of that process now."""

    test: GradeCell

    @property
    def id(self) -> str:
        """What frames call it: as the test."""
        return self.test.id

    @property
    def count(self) -> int:
        """Of the test's cell."""
        return self.test.count


Step = RunCell | GradeCell | TakeSavepoint | RunInSavepoint | Serve | HandOverAgain


def steps_of(notebook: NotebookNode, plan: Plan, ways: Mapping[str, Way]) -> list[Step]:
    """Number the code cells of a repaired notebook, empty their outputs, and return their steps.

    Args:
        notebook: Is changed.
        plan: Of the assignment's notebook.
        ways: How tests are run, by grade id; one that is missing is isolated, without a savepoint.

    Returns:
        The steps in the notebook's order, and at the end the tests that run in savepoints.
    """
    steps: list[Step] = []
    after: list[Step] = []
    tests: list[tuple[str, Names]] = []
    tester_names = set(plan.own)  # what the tester has by itself
    # Names that a test sets are the tester's, in whatever order a learner's notebook has the tests.
    tester_names |= set().union(*(names.set for names in plan.names.values())) - plan.student_names
    count = 0
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip() or _is_skipped(cell, plan):
            continue
        count += 1
        cell.execution_count, cell.outputs = count, []
        grade_id = _test_of(cell)
        if grade_id is None:
            steps.append(RunCell(cell, count))
            continue
        names = plan.names.get(grade_id) or names_of(cell.source)
        way = InProcess() if grade_id in plan.same_process else ways.get(grade_id, Isolated())
        if isinstance(way, InProcess):
            steps.append(RunCell(cell, count, held=True))
        elif isinstance(way, InSavepoint):
            steps.append(TakeSavepoint(count, way.copy_files))
            after.append(RunInSavepoint(cell, count, _needed(names, tests)))
        else:
            wanted = tuple(name for name in names.read if name not in tester_names)
            step = GradeCell(cell, count, grade_id, names, wanted)
            step.savepoint, step.copy_files = way.savepoint, way.copy_files
            steps.append(step)
        tests.append((cell.source, names))
    return steps + after


def in_savepoint(step: GradeCell, tests: Iterable[GradeCell]) -> RunInSavepoint:
    """Return the step that runs the same test in nbgrader's meaning; `step` goes on with a copy of its cell.

    Args:
        step: An isolated test, of which a savepoint was taken.
        tests: The isolated tests before it.
    """
    cell, step.cell = step.cell, deepcopy(step.cell)
    before = [(test.cell.source, test.names) for test in tests]
    return RunInSavepoint(cell, step.count, _needed(step.names, before))


def _needed(names: Names, tests: Iterable[tuple[str, Names]]) -> tuple[str, ...]:
    """The texts of the tests, in order, that set what a later one reads, by way of others as well."""
    wanted, found = set(names.read), []
    for source, other in reversed(list(tests)):
        if wanted & set(other.set):
            wanted |= set(other.read)
            found.append(source)
    return tuple(reversed(found))


def request_of(step: Step) -> StepRequest:
    """Return what the student's process is asked to do for a step."""
    if isinstance(step, RunCell):
        return {"kind": "run", "id": step.id, "code": step.cell.source, "count": step.count}
    if isinstance(step, TakeSavepoint):
        return {"kind": "savepoint", "id": step.id, "copy_files": step.copy_files}
    if isinstance(step, RunInSavepoint):
        code, before = step.cell.source, step.before
        return {"kind": "resume", "id": step.id, "code": code, "count": step.count, "before": before}
    if isinstance(step, Serve):
        return {"kind": "serve", "id": step.id}
    test = step.test if isinstance(step, HandOverAgain) else step
    return {
        "kind": "values",
        "id": test.id,
        "names": test.wanted,
        "savepoint": test.savepoint,
        "copy_files": test.copy_files,
    }


Repeatable = RunCell | TakeSavepoint | HandOverAgain
"""What a new process must do first when another died."""


def shows(step: Step) -> TypeGuard[RunCell | GradeCell | RunInSavepoint | Serve]:
    """Return whether the step's cell shows how it ends."""
    return not isinstance(step, TakeSavepoint | HandOverAgain) and not is_replayed(step)


def is_replayed(step: Step) -> bool:
    """Return whether it does again what was done in a process that died."""
    return isinstance(step, HandOverAgain) or (isinstance(step, RunCell) and step.replayed)


def replay_of(step: Repeatable) -> Repeatable:
    """Return the step that does the same again, in a new process."""
    return replace(step, replayed=True) if isinstance(step, RunCell) else step


def _test_of(cell: NotebookNode) -> str | None:
    """The grade id of an autograded test; None for every other cell."""
    keys = cell.metadata.get("nbgrader", {})
    return keys["grade_id"] if keys.get("grade") and not keys.get("solution") else None


def _is_skipped(cell: NotebookNode, plan: Plan) -> bool:
    if cell.metadata.get("nbgrader", {}).get("grade"):
        return False
    tags = cell.metadata.get("tags", ())
    if "skip-execution" in tags or (NOT_GRADED in tags and plan.skipped):
        return True
    return cell.source.strip() in plan.skipped
