"""Decides which tests are walled, by what the trial's runs gave: rules 1, 2 and 5; 3 and 4 are read.

The rules are in the docstring of `grading/trial/__init__`.

The order: `draft` from the runs in one process and behind the wall; the drafted plan is run on the teacher's
source; `settle` takes back what gave another result. Each round takes back more, and a plan with nothing
walled, run in the process itself, is nbgrader's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.sources import TEACHER
from autograder.grading.trial.trial_plan import PlannedTest, Shared, TrialPlan, Walled, in_process_itself

ROUNDS = 4
"""So many mixed runs at most: then everything is shared, in the process itself."""


class Mode(StrEnum):
    """How the tests of a run were run."""

    ONE_PROCESS = "one process"
    """In the student's process, each at its place: nbgrader's meaning."""
    WALLED = "walled"
    """Every test behind the wall."""
    MIXED = "mixed"
    """As the plan says."""


@dataclass(frozen=True)
class Result:
    """What a test gave: its points, None where it could not be graded, and the number or verdict shown."""

    points: float | None
    shown: str = ""


@dataclass(frozen=True)
class Run:
    """One run of one source: results by grade id. Equal `repetition` means the same seeds."""

    source: str
    mode: Mode
    repetition: int
    results: Mapping[str, Result]


BoundTests = Callable[[Collection[str], Collection[str]], Mapping[str, Reason]]
"""Rule 4: (walled, shared) -> tests that cannot stay walled, with the reason."""

_SMALL = 1e-9  # of points


def draft(
    points: Mapping[str, float],
    runs: Sequence[Run],
    reach: Mapping[str, Sequence[Reason]],
    pure: Collection[str],
    bound: BoundTests,
) -> TrialPlan:
    """The plan by rules 1 to 4.

    Args:
        points: What each test is worth by grade id, in the notebook's order.
        runs: All sources, at least two repetitions, in one process and walled.
        reach: Why a test may not be walled by its text or the instructor's choice; nothing where it may.
        pure: Tests that only compare.
        bound: Rule 4.
    """
    tests: dict[str, PlannedTest] = {}
    table = _Table(runs)
    for name, worth in points.items():
        reasons = (*reach.get(name, ()), *table.reasons(name, worth))
        way = Shared(reasons) if reasons else Walled(name in pure)
        teacher = table.of(TEACHER, Mode.ONE_PROCESS, name)
        tests[name] = PlannedTest(
            worth,
            min((one.points for one in teacher if one.points is not None), default=None),
            any(is_number(one.shown) for one in teacher),
            way,
        )
    return _closed(TrialPlan(tests), bound)


def settle(plan: TrialPlan, runs: Sequence[Run], bound: BoundTests, rounds: int) -> tuple[TrialPlan, bool]:
    """Rule 5: take back what the mixed runs of the teacher's source show to differ.

    Args:
        plan: The plan that was run.
        runs: The teacher's source in one process and mixed, with equal repetitions.
        bound: Rule 4.
        rounds: How many mixed runs of earlier plans there were.

    Returns:
        The plan, and whether it is the last: where not, it is run mixed again.
    """
    table = _Table(runs)
    differing = [name for name in plan.tests if not table.agree(name, Mode.MIXED)]
    if not differing:
        return plan, True
    reason = Reason(Why.MIXED, "gives another result when only some tests run apart")
    taken = [name for name in differing if name in plan.walled]
    if rounds + 1 >= ROUNDS or all(_is_in_process(plan.tests[name]) for name in differing):
        taken = list(plan.walled)
    new = _shared(plan, dict.fromkeys(taken, reason))
    if rounds + 1 >= ROUNDS or any(name in plan.shared for name in differing):
        new = in_process_itself(new)
    new = _closed(new, bound)
    return new, not new.walled and all(map(_is_in_process, new.tests.values()))


def for_learner(plan: TrialPlan, reasons: Mapping[str, Reason]) -> TrialPlan:
    """The plan for one learner, by whose own text some walled tests are shared. Their marks are flagged."""
    return _shared(plan, reasons)


class _Table:
    """The results of runs, looked up by source, mode and test."""

    def __init__(self, runs: Iterable[Run]):
        self._results: dict[tuple[str, Mode, str], list[Result]] = {}
        self._sources: dict[str, None] = {}
        self._most: dict[tuple[str, Mode], int] = {}
        for run in sorted(runs, key=lambda run: run.repetition):
            self._sources[run.source] = None
            self._most[run.source, run.mode] = self._most.get((run.source, run.mode), 0) + 1
            for name, result in run.results.items():
                self._results.setdefault((run.source, run.mode, name), []).append(result)

    def of(self, source: str, mode: Mode, name: str) -> list[Result]:
        """A test's results in all repetitions; one that could not be graded for each that lacks it."""
        found = self._results.get((source, mode, name), [])
        return found + [Result(None)] * (self._most.get((source, mode), 0) - len(found))

    def agree(self, name: str, mode: Mode) -> bool:
        """Whether the teacher's source gives the same in one process and in `mode`, every time."""
        one, other = self.of(TEACHER, Mode.ONE_PROCESS, name), self.of(TEACHER, mode, name)
        return bool(other) and all(_same(one[0], result) for result in [*one[1:], *other] if one)

    def reasons(self, name: str, worth: float) -> Iterable[Reason]:
        """The first of rules 1 and 2 that a test breaks."""
        everything = {
            source: (self.of(source, Mode.ONE_PROCESS, name), self.of(source, Mode.WALLED, name))
            for source in self._sources
        }
        everything = {source: pair for source, pair in everything.items() if pair[0] or pair[1]}
        enough = all(len(one) >= 2 and len(other) >= 2 for one, other in everything.values())
        if TEACHER not in everything or len(everything) < 2 or not enough:
            return [Reason(Why.UNTRIED, "was not tried on every source twice")]
        first = self._teacher(*everything[TEACHER], worth)
        if first:
            return [first]
        for source, (one, other) in everything.items():
            found = _difference(source, one, other)
            if found:
                return [found]
        others = [one for source, (one, _) in everything.items() if source != TEACHER]
        if all(_full(one[0], worth) for one in others):
            return [Reason(Why.VACUOUS, "gives full points without any answer, so the trial shows nothing")]
        return []

    @staticmethod
    def _teacher(one: list[Result], other: list[Result], worth: float) -> Reason | None:
        if any(result.points is None for result in (*one, *other)):
            return Reason(Why.UNTRIED, "could not be graded for the teacher's own solution")
        if worth <= 0:
            return Reason(Why.VACUOUS, "is worth no points, so the trial shows nothing")
        least = min(result.points or 0.0 for result in one)
        if least < worth - _SMALL:
            return Reason(Why.TEACHER, f"gives the teacher's own solution {least:g} of {worth:g}")
        least = min(result.points or 0.0 for result in other)
        if least < worth - _SMALL:
            return Reason(
                Why.DIFFERS, f"gives the teacher's own solution {least:g} of {worth:g} when run apart"
            )
        return None


def _difference(source: str, one: list[Result], other: list[Result]) -> Reason | None:
    where = "for the teacher's own solution" if source == TEACHER else f"for the source {source!r}"
    if any(result.points is None for result in (*one, *other)):
        return Reason(Why.UNTRIED, f"could not be graded {where}")
    for results in (one, other):
        if not all(_same(results[0], result) for result in results):
            return Reason(Why.CHANGES, f"does not give the same each time {where}")
    if not _same(one[0], other[0]):
        here, there = _words(one[0]), _words(other[0])
        return Reason(Why.DIFFERS, f"gives {there} apart and {here} in one process {where}")
    return None


def _same(one: Result, other: Result) -> bool:
    if one.points is None or other.points is None:
        return False
    return abs(one.points - other.points) <= _SMALL and one.shown == other.shown


def _full(result: Result, worth: float) -> bool:
    return result.points is not None and result.points >= worth - _SMALL


def _words(result: Result) -> str:
    return f"{result.points:g} ({result.shown})" if result.shown else f"{result.points:g}"


def is_number(shown: str) -> bool:
    """Whether what a test showed is a number: then it is its mark."""
    try:
        float(shown)
    except ValueError:
        return False
    return True


def _is_in_process(test: PlannedTest) -> bool:
    return isinstance(test.way, Shared) and test.way.in_process


def _closed(plan: TrialPlan, bound: BoundTests) -> TrialPlan:
    """The plan after rule 4."""
    return _shared(plan, bound(plan.walled, plan.shared))


def _shared(plan: TrialPlan, reasons: Mapping[str, Reason]) -> TrialPlan:
    """The plan with more tests shared."""
    tests = {
        name: replace(test, way=Shared((reasons[name],))) if name in reasons and name in plan.walled else test
        for name, test in plan.tests.items()
    }
    return TrialPlan(tests)
