"""Runs the trial of an assignment: its sources, in each mode and twice, by those who grade the class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.grading.assignment.snapshot import NotebookSnapshot, Snapshot
from autograder.grading.execution.grade_submission import Done, Job
from autograder.grading.execution.plan import plan_of
from autograder.grading.execution.weigh import result_of, tests_in
from autograder.grading.trial.assigned import Assigned
from autograder.grading.trial.decide import Mode, Result, Run, draft, settle
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.sources import TEACHER, NoTrial, TrialSource, trial_sources
from autograder.grading.trial.teacher_text import TeacherText
from autograder.grading.trial.trial_plan import TrialPlan, all_shared, in_process_itself

REPETITIONS = (1, 2)

RunJobs = Callable[[Iterable[Job], Assigned, int], Iterable[Done]]
"""(jobs, the assignment, repetition) -> what became of them, in any order. A repetition has its own seeds."""
Progress = Callable[[int, int], None]
"""(how many runs are done, of how many)"""


def try_tests(
    taken: Snapshot, releases: Mapping[str, bytes], run: RunJobs, progress: Progress
) -> dict[str, TrialPlan]:
    """Run the trial of an assignment.

    Args:
        taken: The assignment.
        releases: Its released notebooks by name, those that there are.
        run: Grades submissions.
        progress: Told of each run.

    Returns:
        The plans by notebook.
    """
    trials = {
        name: _NotebookTrial(taken, notebook, trial_sources(notebook, releases.get(name)), run)
        for name, notebook in taken.notebooks.items()
    }
    total = sum(trial.runs for trial in trials.values())
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        progress(min(done, total), total)

    return {name: trial.plan(tell) for name, trial in trials.items()}


@dataclass(frozen=True)
class _NotebookTrial:
    taken: Snapshot
    notebook: NotebookSnapshot
    sources: tuple[TrialSource, ...] | NoTrial
    run: RunJobs

    @property
    def runs(self) -> int:
        """How many runs there are at least."""
        if isinstance(self.sources, NoTrial):
            return 0
        return len(REPETITIONS) * (2 * len(self.sources) + 1)

    def plan(self, tell: Callable[[], None]) -> TrialPlan:
        text = TeacherText(self.notebook, self.taken.files, self.taken.keep)
        if isinstance(self.sources, NoTrial):
            return in_process_itself(all_shared(text.points, Reason(Why.UNTRIED, self.sources.reason)))
        nbgraders = in_process_itself(all_shared(text.points, Reason(Why.UNTRIED, "is being tried")))
        runs = list(self._runs(self.sources, Mode.ONE_PROCESS, {self.notebook.name: nbgraders}, tell))
        runs += self._runs(self.sources, Mode.WALLED, {}, tell)
        pure = plan_of(self.notebook.instructor).comparing
        plan = draft(text.points, runs, text.reach, pure, text.bound)
        teacher = [run for run in runs if run.source == TEACHER and run.mode is Mode.ONE_PROCESS]
        rounds, last = 0, False
        while not last:
            mixed = list(self._runs(self.sources[:1], Mode.MIXED, {self.notebook.name: plan}, tell))
            plan, last = settle(plan, [*teacher, *mixed], text.bound, rounds)
            rounds += 1
        return plan

    def _runs(
        self,
        sources: Sequence[TrialSource],
        mode: Mode,
        plans: Mapping[str, TrialPlan],
        tell: Callable[[], None],
    ) -> Iterator[Run]:
        assigned = Assigned(self.taken, plans)
        for repetition in REPETITIONS:
            jobs = [Job(source.name, {self.notebook.name: source.notebook}) for source in sources]
            for done in self.run(jobs, assigned, repetition):
                tell()
                yield Run(done.student, mode, repetition, self._results(done))

    def _results(self, done: Done) -> dict[str, Result]:
        """What each test gave; nothing where the submission could not be graded."""
        if self.notebook.name not in done.notebooks:
            return {}
        points = {cell.name: cell.points or 0.0 for cell in self.notebook.cells}
        cells = json.loads(done.notebooks[self.notebook.name][0])["cells"]
        return {name: result_of(cell, points.get(name, 0.0)) for name, cell in tests_in(cells).items()}
