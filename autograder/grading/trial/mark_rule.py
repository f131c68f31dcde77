"""Which result of a test is the mark, and when it is flagged for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from autograder.grading.trial.decide import Result, is_number
from autograder.grading.trial.reading.reasons import Reason
from autograder.grading.trial.trial_plan import PlannedTest, Walled


class Flagged(StrEnum):
    """What becomes of a flagged mark (`--flagged`)."""

    COUNT = "count"
    """It counts, and asks for a look."""
    ZERO = "zero"
    WAIT = "wait"
    """A person gives it."""


@dataclass(frozen=True)
class Counted:
    """A mark: its points, None where a person gives them, and why it is flagged, '' where it is not."""

    points: float | None
    flag: str = ""


def counted(
    test: PlannedTest,
    wall: Result | None,
    own: Result | None,
    *,
    exact: bool = False,
    learner: Reason | None = None,
    flagged: Flagged = Flagged.COUNT,
) -> Counted:
    """The mark of one test.

    Args:
        test: As the plan has it for this learner.
        wall: Its result behind the wall, None where it was not run there.
        own: Its result in nbgrader's meaning, None where it was not run so.
        exact: All values that crossed the wall are exactly the student's.
        learner: Why it is shared for this learner alone.
        flagged: What becomes of a flagged mark.

    Raises:
        ValueError: The test was run in neither way.
    """
    if wall is not None and test.partial and wall.points and not is_number(wall.shown):
        wall = Result(0.0, wall.shown)  # the teacher's solution shows a number there, so a mark is one
    if isinstance(test.way, Walled) and wall is not None and (own is None or (test.way.pure and exact)):
        return Counted(wall.points)
    if own is None:
        raise ValueError("a shared test has no result of the student's process")
    flag = _flag(test, wall, own, learner)
    if not flag or flagged is Flagged.COUNT:
        return Counted(own.points, flag)
    return Counted(0.0 if flagged is Flagged.ZERO else None, flag)


def _flag(test: PlannedTest, wall: Result | None, own: Result, learner: Reason | None) -> str:
    if learner is not None and own.points != 0:  # who earns nothing gained nothing by a name
        return learner.text
    if isinstance(test.way, Walled) and wall is not None and wall != own:
        return f"{_words(own)} in the learner's process, {_words(wall)} apart from it"
    if test.partial and own.points and not is_number(own.shown):
        return "it shows no number where the teacher's solution shows one"
    return ""


def _words(result: Result) -> str:
    points = "not graded" if result.points is None else f"{result.points:g} points"
    return f"{points} ({result.shown})" if result.shown else points
