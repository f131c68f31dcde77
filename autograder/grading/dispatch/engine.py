"""A class -> jobs -> workers -> ledger. What is graded already, of exactly this submission, is not run."""

from __future__ import annotations

import contextlib
import glob
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.errors import GradingError
from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.dispatch import local_pool
from autograder.grading.dispatch.jobs import fingerprint, graded_of, read_job, unwritable
from autograder.grading.dispatch.protection import TrialWork, isolated_plans, protect
from autograder.grading.dispatch.trial_run import Progress
from autograder.grading.execution.grade_submission import ENGINE, Done, Job
from autograder.grading.execution.plan import imports_of
from autograder.grading.forkserver.client import PLOTS, ForkServer
from autograder.grading.gradebook import take_snapshot
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.ledger import Change, Ledger
from autograder.grading.gradebook.registration import register
from autograder.grading.sandbox.limits import Limits
from autograder.grading.sandbox.report import Report
from autograder.grading.trial.assigned import Assigned
from autograder.grading.trial.mark_rule import Flagged
from autograder.grading.trial.words import Row, explain_rows

if TYPE_CHECKING:
    from autograder.grading.dispatch.dask_pool import Cluster

BATCH = 50


def default_workers() -> int:
    """One for each core that this process may use."""
    return max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@dataclass(frozen=True)
class Settings:
    """How a class is graded. `lowest_tier` 3 allows to run without a sandbox.

    `scheduler` is the address of a Dask cluster that does it; '' is this machine, with so many `workers`.
    """

    limits: Limits = field(default_factory=Limits)
    workers: int = field(default_factory=default_workers)
    lowest_tier: int = 2
    force: bool = False
    scheduler: str = ""
    flagged: Flagged = Flagged.COUNT


def preload_for(root: Path, prefix: str) -> list[str]:
    """What the assignment's notebooks import, and the modules that stand beside them; but not these.

    Read before nbgrader is: its sources lie in source/, or nowhere that is known yet; then plots are
    expected.
    """
    found: dict[str, None] = {}
    beside: set[str] = set()
    paths = list((root / "source").glob(f"{glob.escape(prefix)}*/*.ipynb"))
    for path in paths:
        try:
            found |= dict.fromkeys(imports_of(json.loads(path.read_bytes())["cells"]))
            for module in path.parent.rglob("*.py"):
                beside.add(module.relative_to(path.parent).parts[0].removesuffix(".py"))
                code = {"cell_type": "code", "metadata": {}, "source": module.read_text(encoding="utf-8")}
                found |= dict.fromkeys(imports_of([code]))
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return [PLOTS]
    # A module of the assignment's own must come from the job's folder, not from where grading was started.
    return [name for name in found if name.partition(".")[0] not in beside] if paths else [PLOTS]


class Engine:
    """Grades one assignment. The fork server warms up while the caller still imports and reads."""

    def __init__(
        self,
        settings: Settings,
        preload: Sequence[str] = (PLOTS,),
        say: Callable[[str], None] = lambda line: None,
        progress: Progress = lambda done, total: None,
    ):
        """Begin to warm up.

        Args:
            settings: How to grade.
            preload: Modules that submissions will import (see `preload_for`).
            say: Told how the tests run, and of a cluster's workers, a line each.
            progress: Told of the runs of a trial.

        Raises:
            GradingError: There is no cluster.
        """
        self.settings = settings
        self.fork_server: ForkServer | None = None
        self._cluster: Cluster | None = None
        self._report: Report | None = None
        self._second: ForkServer | None = None
        self._preload = preload
        self._say = say
        self._progress = progress
        if settings.scheduler:
            from autograder.grading.dispatch.dask_pool import Cluster
            from autograder.grading.dispatch.dask_worker import asked_for

            asked = asked_for(asdict(settings.limits), settings.lowest_tier, list(preload))
            self._cluster = Cluster(settings.scheduler, asked, say)
        else:
            self.fork_server = ForkServer(
                settings.workers, settings.limits, settings.lowest_tier, preload=preload
            )

    @property
    def report(self) -> Report:
        """What the sandbox holds back. Raises GradingError where it is not enough."""
        if self._report is None:
            assert self.fork_server is not None
            self._report = self.fork_server.wait()
        return self._report

    def close(self) -> None:
        """End every process that grading started."""
        if self.fork_server:
            self.fork_server.close()
            self.fork_server = None
        if self._second:
            self._second.close()
            self._second = None
        if self._cluster:
            self._cluster.close()

    def grade(
        self, classroom: Classroom, assignment: str, students: Sequence[str]
    ) -> Generator[tuple[str, Done | None], None, None]:
        """Grade an assignment. All is in the gradebook once the iterator has ended or is closed.

        Args:
            classroom: The course.
            assignment: By its whole name.
            students: Ids of those whose submissions are graded.

        Yields:
            Each student with what was done, or None where nothing was to do.

        Raises:
            GradingError: No sandbox, no gradebook, or no cluster any more; the next call goes on.
        """
        register(classroom, assignment)
        taken = take_snapshot.take(classroom, assignment)
        assigned = self._assigned(classroom, taken)
        ledger = Ledger(classroom, taken, ENGINE)
        prints: dict[str, str] = {}
        try:
            pending = []
            for student in students:
                if problem := unwritable(student):
                    yield student, Done(student, reason=problem)
                    continue
                prints[student] = fingerprint(classroom, assignment, student, assigned.digest)
                if not self.settings.force and ledger.done(student, prints[student]):
                    yield student, None
                else:
                    pending.append(student)
            yield from self._recorded(classroom, ledger, pending, prints, assigned)
            ledger.commit()
        finally:
            # What is buffered when somebody interrupts is graded and stays.
            with contextlib.suppress(GradingError):
                ledger.commit()
            ledger.close()

    def explain(self, classroom: Classroom, assignment: str) -> list[Row]:
        """How each test of an assignment runs, and why; tried now where that is not known yet.

        Nothing is written but the trial. Raises GradingError as `grade` does.
        """
        with classroom.trial() as trial:
            register(trial, assignment)
            taken = take_snapshot.take(trial, assignment)
        return explain_rows(self._assigned(classroom, taken).plans or isolated_plans(taken))

    def preview(
        self, classroom: Classroom, assignment: str, students: Sequence[str]
    ) -> Iterator[tuple[str, list[Change]]]:
        """Grade, and throw the marks away. Nothing is written, nor registered.

        Args:
            classroom: The course.
            assignment: By its whole name.
            students: Ids of those whose submissions are tried.

        Yields:
            Each student with the changes that grading anew would make.

        Raises:
            GradingError: As `grade`.
        """
        with classroom.trial() as trial:
            register(trial, assignment)
            taken = take_snapshot.take(trial, assignment)
            ledger = Ledger(trial, taken, ENGINE)
            assigned = self._assigned(classroom, taken)
            for student, done, tier in self._run(trial, assignment, students, assigned):
                changes = []
                if not done.reason:
                    print_ = fingerprint(trial, assignment, student, assigned.digest)
                    graded = graded_of(trial, assignment, done, taken, print_, tier)
                    changes = ledger.preview(graded)
                yield student, changes

    def _recorded(
        self,
        classroom: Classroom,
        ledger: Ledger,
        pending: Sequence[str],
        prints: dict[str, str],
        assigned: Assigned,
    ) -> Iterator[tuple[str, Done]]:
        """Run what is pending, and let the ledger record it, in batches."""
        if not pending:
            return
        taken = assigned.snapshot
        results = self._run(classroom, taken.assignment, pending, assigned)
        for number, (student, done, tier) in enumerate(results, 1):
            if done.reason:
                ledger.refuse(student, done.reason, prints[student], tier)
            else:
                ledger.record(graded_of(classroom, taken.assignment, done, taken, prints[student], tier))
            if number % BATCH == 0:
                ledger.commit()
            yield student, done

    def _run(
        self, classroom: Classroom, assignment: str, students: Sequence[str], assigned: Assigned
    ) -> Iterator[tuple[str, Done, int]]:
        """Each student with what was done, and the tier of the sandbox it was done in."""
        refused: list[Done] = []

        def jobs() -> Iterator[Job]:
            for student in students:
                if problem := unwritable(student):
                    refused.append(Done(student, reason=problem))
                    continue
                try:
                    yield read_job(classroom, assignment, student, assigned.snapshot)
                except GradingError as error:
                    refused.append(Done(student, reason=str(error)))

        tier = 0
        for done, tier in self._work(jobs(), assigned):
            yield done.student, done, tier
            while refused:
                yield refused[-1].student, refused.pop(), tier
        if refused and not tier:  # nothing was run
            tier = self._cluster.tier if self._cluster else self.report.tier
        while refused:
            yield refused[-1].student, refused.pop(), tier

    def _assigned(self, classroom: Classroom, taken: Snapshot) -> Assigned:
        """The assignment, and how its tests run; tried now where that is not known yet."""
        return protect(classroom, taken, self.settings.flagged, self._trial_work, self._say)

    def _trial_work(self) -> TrialWork:
        limits = {name: float(value) for name, value in asdict(self.settings.limits).items()}
        tier = self._cluster.tier if self._cluster else self.report.tier
        return TrialWork(self._run_trial, self._progress, limits, tier)

    def _run_trial(self, jobs: Iterable[Job], assigned: Assigned, repetition: int) -> Iterator[Done]:
        """Grade sources of a trial; the second time by a fork server that hashes with another seed."""
        if self._cluster or repetition == 1:
            for done, _ in self._work(iter(jobs), assigned):
                yield done
            return
        if self._second is None:
            settings = self.settings
            self._second = ForkServer(
                settings.workers, settings.limits, settings.lowest_tier, preload=self._preload
            )
            self._second.wait()
        yield from local_pool.run(jobs, self._second, assigned, self.settings.limits)

    def _work(self, jobs: Iterator[Job], assigned: Assigned) -> Iterator[tuple[Done, int]]:
        if self._cluster:
            yield from self._cluster.run(jobs, assigned)
            return
        assert self.fork_server is not None
        tier = self.report.tier
        for done in local_pool.run(jobs, self.fork_server, assigned, self.settings.limits):
            yield done, tier
