"""The steps of a run: a notebook's code cells in order, each with the way in which it is run.

A further way to run a cell is a class here, its request in `request_of`, and a handler in
`run_notebook.NotebookRun` and in `forkserver.child`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nbformat import NotebookNode

from autograder.grading.execution.plan import NOT_GRADED, Names, Plan, names_of
from autograder.grading.rpc.frames import StepRequest


@dataclass(eq=False)
class RunCell:
    """A cell that runs in the student's process."""

    cell: NotebookNode
    count: int
    """The number of the cell among those that are run, from 1."""
    replayed: bool = False
    """Whether it ran before, in a process that died: it runs for its names, and shows nothing."""

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
    """Whether the student's process waits, to be asked about objects among the values."""

    @property
    def id(self) -> str:
        """What frames call it."""
        return f"cell-{self.count}"

    def receive(self, values: Mapping[str, object], waits: bool) -> None:
        """Take the student's values, and of them only what was asked for.

        A name that the tests bring themselves is not the student's to give.
        """
        self.values = {name: values[name] for name in self.wanted if name in values}
        self.waits = waits


Step = RunCell | GradeCell


def steps_of(notebook: NotebookNode, plan: Plan) -> list[Step]:
    """Return the steps of a repaired notebook; its code cells are numbered, and their outputs emptied."""
    steps: list[Step] = []
    tester_names = set(plan.own)  # what the tester has by itself once it comes to the cell
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip() or _is_skipped(cell, plan):
            continue
        count = len(steps) + 1
        cell.execution_count, cell.outputs = count, []
        if not _is_isolated(cell, plan):
            steps.append(RunCell(cell, count))
            continue
        grade_id = cell.metadata.nbgrader.grade_id
        names = plan.names.get(grade_id) or names_of(cell.source)
        wanted = tuple(name for name in names.read if name not in tester_names)
        tester_names |= set(names.set) - plan.student_names
        steps.append(GradeCell(cell, count, grade_id, names, wanted))
    return steps


def request_of(step: Step) -> StepRequest:
    """Return what the student's process is asked to do for a step."""
    if isinstance(step, RunCell):
        return {"kind": "run", "id": step.id, "code": step.cell.source, "count": step.count}
    return {"kind": "values", "id": step.id, "names": step.wanted}


def replay_of(step: RunCell) -> RunCell:
    """Return the step that runs the same cell again, in a new process."""
    return replace(step, replayed=True)


def _is_skipped(cell: NotebookNode, plan: Plan) -> bool:
    if cell.metadata.get("nbgrader", {}).get("grade"):
        return False
    tags = cell.metadata.get("tags", ())
    if "skip-execution" in tags or (NOT_GRADED in tags and plan.skipped):
        return True
    return cell.source.strip() in plan.skipped


def _is_isolated(cell: NotebookNode, plan: Plan) -> bool:
    keys = cell.metadata.get("nbgrader", {})
    return bool(keys.get("grade") and not keys.get("solution") and keys["grade_id"] not in plan.same_process)
