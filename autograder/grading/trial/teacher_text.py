"""All that is read in the teacher's notebook, once: for the plan, and for each submission after it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

from autograder.core.cell_tags import SAME_PROCESS
from autograder.grading.assignment.snapshot import NotebookSnapshot
from autograder.grading.trial.decide import for_learner
from autograder.grading.trial.flow import bound_tests, learner_reasons
from autograder.grading.trial.reading.definitions import Library
from autograder.grading.trial.reading.notebook_cells import (
    Kind,
    RawCell,
    code_cells,
    illustrations,
)
from autograder.grading.trial.reading.ownership import Ownership, ownership_of
from autograder.grading.trial.reading.reach import Reach, counts_cells
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.reading.touched_names import Definitions
from autograder.grading.trial.savepoints import in_process
from autograder.grading.trial.trial_plan import Shared, TrialPlan

MOST_TEXT = 60_000
"""Characters of a learner's own code that are read: made for it, so much takes a few seconds."""


class TeacherText:
    """The teacher's notebook as text, and the files beside it."""

    def __init__(self, notebook: NotebookSnapshot, files: Mapping[str, bytes], kept: Collection[str] = ()):
        """Read nothing yet.

        Args:
            notebook: The teacher's.
            files: What lies beside it, by relative path.
            kept: The files that learners hand in themselves (nbgrader's exclude_overwriting).
        """
        self._notebook = notebook
        self._illustrations = illustrations(notebook.instructor)
        self.cells = code_cells(notebook.instructor)
        self._sources = frozenset(cell.source for cell in self.cells)
        self._library = Library(self.cells, files, frozenset(kept))

    @cached_property
    def ownership(self) -> Ownership:
        """Whose names are whose."""
        return ownership_of(self.cells)

    @cached_property
    def points(self) -> dict[str, float]:
        """What each test is worth, in the notebook's order."""
        worth = {cell.name: cell.points or 0.0 for cell in self._notebook.cells}
        return {cell.name: worth.get(cell.name, 0.0) for cell in self.cells if cell.kind is Kind.TEST}

    @cached_property
    def reach(self) -> dict[str, tuple[Reason, ...]]:
        """Why tests may not be walled by their text, or by the instructor's tag."""
        tests = [cell for cell in self.cells if cell.kind is Kind.TEST]
        reader = Reach(self.cells, self._library)
        found = {cell.name: reader.reasons(cell) for cell in tests}
        if counts_cells(tests):
            shell = Reason(Why.SHELL, "stands in a notebook in which a test reads In, Out or _")
            found = {name: reasons or (shell,) for name, reasons in found.items()}
        chosen = Reason(Why.CHOSEN, f"has the tag {SAME_PROCESS}")
        return {
            cell.name: (chosen, *found[cell.name]) if SAME_PROCESS in cell.tags else found[cell.name]
            for cell in tests
        }

    def bound(self, walled: Collection[str], shared: Collection[str]) -> Mapping[str, Reason]:
        """Rule 4 of `grading/trial/__init__`, on the teacher's notebook."""
        return bound_tests(self.cells, walled, shared)

    def plan_for(
        self, cells: Sequence[RawCell], plan: TrialPlan
    ) -> tuple[TrialPlan, dict[str, Reason], dict[str, str]]:
        """The plan for one submission.

        Args:
            cells: The learner's cells after repair.
            plan: The notebook's plan.

        Returns:
            The plan; why tests are shared for this learner alone; and which shared tests must run in the
            process itself, with the reason.
        """
        code = code_cells(cells, self._illustrations)
        if sum(len(cell.source) for cell in code if cell.source not in self._sources) > MOST_TEXT:
            long = Reason(Why.LONG, f"this learner's own cells have more than {MOST_TEXT} characters")
            own = for_learner(plan, dict.fromkeys(plan.walled, long))
            return own, dict.fromkeys(plan.walled, long), dict.fromkeys(own.shared, long.text)
        walled = {name: self._reads[name] for name in plan.walled if name in self._reads}
        reasons = learner_reasons(code, walled, plan.shared, self.ownership)
        own = for_learner(plan, reasons)
        forced = {
            name: "the trial showed that a savepoint changes marks"
            for name in own.shared
            if isinstance(way := own.tests[name].way, Shared) and way.in_process
        }
        return own, reasons, {**in_process(code, own.shared), **forced}

    @cached_property
    def _reads(self) -> dict[str, frozenset[str]]:
        """What each test reads in its own process, by its text and the teacher's cells behind it."""
        cells = [cell for cell in self.cells if cell.kind is not Kind.ANSWER]
        definitions = Definitions(cells)
        return {cell.name: definitions.reads_of(cell) for cell in cells if cell.kind is Kind.TEST}
