"""From a learner's plan to the ways in which the tests run, and from their results to the marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nbformat import NotebookNode

from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.scoring import Mark, Marks, score_of, shown_number
from autograder.grading.assignment.snapshot import NotebookSnapshot, grade_id
from autograder.grading.trial.decide import Result
from autograder.grading.trial.mark_rule import Flagged, counted
from autograder.grading.trial.reading.reasons import Reason
from autograder.grading.trial.trial_plan import PlannedTest, TrialPlan, Walled
from autograder.grading.trial.ways import InProcess, InSavepoint, Isolated, Way


@dataclass(frozen=True)
class LearnerPlan:
    """How the tests of one submission run.

    `flagged` says why tests are shared for this learner alone, `in_process` why shared ones cannot run in a
    savepoint; both by grade id.
    """

    tests: TrialPlan
    flagged: Mapping[str, Reason]
    in_process: Mapping[str, str]

    def ways(self) -> dict[str, Way]:
        """How each test runs, by grade id."""
        return {name: self._way(name, test) for name, test in self.tests.tests.items()}

    def _way(self, name: str, test: PlannedTest) -> Way:
        if isinstance(test.way, Walled):
            return Isolated("inexact" if test.way.pure else "always")
        return InProcess() if name in self.in_process else InSavepoint(copy_files=True)


def weighed(
    marks: Marks,
    plan: LearnerPlan,
    notebook: NotebookNode,
    witnesses: Mapping[str, Cell],
    source: NotebookSnapshot,
    flagged: Flagged,
) -> Marks:
    """Return the marks in which each test's result is the one that counts.

    Args:
        marks: By nbgrader's rules, from the notebook's own outputs.
        plan: Of this submission.
        notebook: Repaired and run.
        witnesses: By grade id, the cells of the isolated runs of tests that ran twice.
        source: The notebook's snapshot.
        flagged: What becomes of a flagged mark.
    """
    cells = tests_in(notebook["cells"])
    points = {cell.name: cell.points or 0.0 for cell in source.cells}
    found: list[Mark] = []
    flags: dict[str, str] = {}
    for mark in marks.marks:
        test = plan.tests.tests.get(mark.name)
        if test is None or mark.name not in cells:
            found.append(mark)
            continue
        ran = result_of(cells[mark.name], points[mark.name])
        witness = witnesses.get(mark.name)
        isolated = isinstance(test.way, Walled)
        said = counted(
            test,
            result_of(witness, points[mark.name]) if witness else ran if isolated else None,
            ran if witness or not isolated else None,
            exact=witness is None,
            learner=plan.flagged.get(mark.name),
            flagged=flagged,
        )
        found.append(Mark(mark.name, said.points))
        if said.flag:
            flags[mark.name] = said.flag
    return replace(marks, marks=tuple(found), flags=flags)


def tests_in(cells: list[Cell]) -> dict[str, Cell]:
    """The autograded tests of a notebook by grade id."""
    found = {}
    for cell in cells:
        keys = cell["metadata"].get("nbgrader", {})
        if keys.get("grade") and not keys.get("solution") and cell["cell_type"] == "code":
            found[grade_id(cell) or ""] = cell
    return found


def result_of(cell: Cell, points: float) -> Result:
    """What a test's cell gave, and the number that it showed."""
    return Result(score_of(cell["outputs"], points), shown_number(cell["outputs"]))
