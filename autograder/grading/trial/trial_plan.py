"""The plan of a notebook's tests: each walled or shared, why, and how it is written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.grading.trial.reading.reasons import Reason, Why

VERSION = 1
"""Of the written form. A file of another version is no plan: the trial is run again."""


@dataclass(frozen=True)
class Walled:
    """Run in another process than the student's.

    With `pure` it only compares, and where all values cross exactly the wall's result is the mark. Else
    the test is run in nbgrader's meaning as well: that is the mark, the wall a witness.
    """

    pure: bool


@dataclass(frozen=True)
class Shared:
    """Run in the student's process, as nbgrader runs it; in a savepoint where the submission allows it.

    With `in_process` the trial showed that a savepoint changes marks: no submission allows it.
    """

    reasons: tuple[Reason, ...]
    in_process: bool = False


@dataclass(frozen=True)
class PlannedTest:
    """One test.

    points:   what it is worth
    teacher:  what the teacher's own solution earned in one process, the least of all runs; None: not tried
    partial:  it shows a number for the teacher, so that a mark must be one
    way:      how it is run
    """

    points: float
    teacher: float | None
    partial: bool
    way: Walled | Shared


@dataclass(frozen=True)
class TrialPlan:
    """The tests of one notebook by grade id, in the notebook's order."""

    tests: Mapping[str, PlannedTest]

    @property
    def walled(self) -> tuple[str, ...]:
        """The grade ids of walled tests."""
        return tuple(name for name, test in self.tests.items() if isinstance(test.way, Walled))

    @property
    def shared(self) -> tuple[str, ...]:
        """The grade ids of shared tests."""
        return tuple(name for name, test in self.tests.items() if isinstance(test.way, Shared))

    def to_json(self) -> dict[str, object]:
        """The plan as JSON."""
        return {"version": VERSION, "tests": {name: _test_to_json(test) for name, test in self.tests.items()}}

    @classmethod
    def from_json(cls, found: object) -> TrialPlan:
        """The plan that `to_json` gave. Raises ValueError for anything else."""
        whole = _keys(found, "version", "tests")
        if whole["version"] != VERSION or not isinstance(whole["tests"], dict):
            raise ValueError("no plan of this version")
        return cls({_text(name): _test_from_json(test) for name, test in whole["tests"].items()})


def all_walled(points: Mapping[str, float], pure: Iterable[str], partial: Iterable[str] = ()) -> TrialPlan:
    """The plan of `wall = "always"`: every test is isolated, and nothing is tried.

    Args:
        points: What each test is worth by grade id, in the notebook's order.
        pure: Tests that only compare.
        partial: Tests that show a number for the teacher.
    """
    only, numbers = set(pure), set(partial)
    return TrialPlan(
        {name: PlannedTest(one, None, name in numbers, Walled(name in only)) for name, one in points.items()}
    )


def all_shared(points: Mapping[str, float], reason: Reason) -> TrialPlan:
    """The plan where there is no trial: every test as nbgrader runs it."""
    return TrialPlan({name: PlannedTest(one, None, False, Shared((reason,))) for name, one in points.items()})


def in_process_itself(plan: TrialPlan) -> TrialPlan:
    """The plan with every shared test in the process itself, as nbgrader runs it."""
    return TrialPlan(
        {
            name: replace(test, way=replace(test.way, in_process=True))
            if isinstance(test.way, Shared)
            else test
            for name, test in plan.tests.items()
        }
    )


def _test_to_json(test: PlannedTest) -> dict[str, object]:
    way: dict[str, object] = (
        {"walled": {"pure": test.way.pure}}
        if isinstance(test.way, Walled)
        else {
            "shared": {
                "in_process": test.way.in_process,
                "reasons": [[str(one.why), one.text, one.line] for one in test.way.reasons],
            }
        }
    )
    return {"points": test.points, "teacher": test.teacher, "partial": test.partial, **way}


def _test_from_json(found: object) -> PlannedTest:
    if isinstance(found, dict) and "walled" in found:
        whole = _keys(found, "points", "teacher", "partial", "walled")
        way: Walled | Shared = Walled(_flag(_keys(whole["walled"], "pure")["pure"]))
    else:
        whole = _keys(found, "points", "teacher", "partial", "shared")
        shared = _keys(whole["shared"], "in_process", "reasons")
        if not isinstance(shared["reasons"], list) or not shared["reasons"]:
            raise ValueError("a shared test has no reason")
        way = Shared(tuple(map(_reason, shared["reasons"])), _flag(shared["in_process"]))
    teacher = whole["teacher"]
    return PlannedTest(
        _number(whole["points"]),
        None if teacher is None else _number(teacher),
        _flag(whole["partial"]),
        way,
    )


def _reason(found: object) -> Reason:
    if not isinstance(found, list) or len(found) != 3 or type(found[2]) is not int:
        raise ValueError("no reason")
    return Reason(Why(_text(found[0])), _text(found[1]), found[2])


def _keys(found: object, *names: str) -> dict[str, object]:
    """An object with exactly these keys."""
    if not isinstance(found, dict) or set(found) != set(names):
        raise ValueError(f"no object with {', '.join(names)}")
    return found


def _number(found: object) -> float:
    if type(found) not in (int, float) or not isinstance(found, int | float) or not 0 <= found < 1e9:
        raise ValueError("no number of points")
    return float(found)


def _flag(found: object) -> bool:
    if not isinstance(found, bool):
        raise ValueError("neither true nor false")
    return found


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise ValueError("no text")
    return found
