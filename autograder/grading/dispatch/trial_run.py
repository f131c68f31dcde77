"""Runs the trial of an assignment: its sources, in each mode and twice, by those who grade the class."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.grading.assignment.snapshot import Snapshot
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
    """Run the trial of an assignment, all of its notebooks at once.

    Args:
        taken: The assignment.
        releases: Its released notebooks by name, those that there are.
        run: Grades submissions.
        progress: Told of each run.

    Returns:
        The plans by notebook.
    """
    sources = {name: trial_sources(one, releases.get(name)) for name, one in taken.notebooks.items()}
    texts = {name: TeacherText(one, taken.files, taken.keep) for name, one in taken.notebooks.items()}
    tried = {name: found for name, found in sources.items() if not isinstance(found, NoTrial)}
    trial = _Trial(taken, texts, run, progress, len(REPETITIONS) * 3 * sum(map(len, tried.values())))
    plans = {
        name: in_process_itself(all_shared(texts[name].points, Reason(Why.UNTRIED, found.reason)))
        for name, found in sources.items()
        if isinstance(found, NoTrial)
    }
    plans |= trial.plans(tried)
    progress(trial.total, trial.total)
    return {name: plans[name] for name in taken.notebooks}


@dataclass
class _Trial:
    """The runs of a trial, and what is made of them."""

    taken: Snapshot
    texts: Mapping[str, TeacherText]
    run: RunJobs
    progress: Progress
    total: int
    done: int = 0

    def plans(self, sources: Mapping[str, Sequence[TrialSource]]) -> dict[str, TrialPlan]:
        """By notebook: drafted from all sources in both ways, and settled by runs of the teacher's."""
        unknown = Reason(Why.UNTRIED, "is being tried")
        nbgraders = {
            name: in_process_itself(all_shared(self.texts[name].points, unknown)) for name in sources
        }
        alone = self._runs(sources, Mode.ONE_PROCESS, nbgraders)
        isolated = self._runs(sources, Mode.WALLED, {})
        plans = {name: self._draft(name, alone[name] + isolated[name]) for name in sources}
        teachers = {name: [run for run in alone[name] if run.source == TEACHER] for name in sources}
        waiting = {name: found[:1] for name, found in sources.items()}
        rounds = 0
        while waiting:
            mixed = self._runs(waiting, Mode.MIXED, plans)
            for name in list(waiting):
                runs = [*teachers[name], *mixed[name]]
                plans[name], last = settle(plans[name], runs, self.texts[name].bound, rounds)
                if last:
                    del waiting[name]
            rounds += 1
        return plans

    def _draft(self, name: str, runs: Sequence[Run]) -> TrialPlan:
        text = self.texts[name]
        pure = plan_of(self.taken.notebooks[name].instructor).comparing
        return draft(text.points, runs, text.reach, pure, text.bound)

    def _runs(
        self,
        sources: Mapping[str, Sequence[TrialSource]],
        mode: Mode,
        plans: Mapping[str, TrialPlan],
    ) -> dict[str, list[Run]]:
        """By notebook, the runs of its sources in one mode."""
        assigned = Assigned(self.taken, plans)
        jobs = {
            f"{number}": (name, source)
            for number, (name, source) in enumerate(
                (name, source) for name, some in sources.items() for source in some
            )
        }
        found: dict[str, list[Run]] = {name: [] for name in sources}
        for repetition in REPETITIONS:
            work = [Job(key, {name: source.notebook}) for key, (name, source) in jobs.items()]
            for done in self.run(work, assigned, repetition):
                name, source = jobs[done.student]
                found[name].append(Run(source.name, mode, repetition, self._results(name, done)))
                self.done = min(self.done + 1, self.total - 1)
                self.progress(self.done, self.total)
        return found

    def _results(self, name: str, done: Done) -> dict[str, Result]:
        """What each test gave; nothing where the submission could not be graded."""
        if name not in done.notebooks:
            return {}
        points = {cell.name: cell.points or 0.0 for cell in self.taken.notebooks[name].cells}
        cells = json.loads(done.notebooks[name][0])["cells"]
        return {test: result_of(cell, points.get(test, 0.0)) for test, cell in tests_in(cells).items()}
