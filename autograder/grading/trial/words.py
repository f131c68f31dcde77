"""What `grade` says of a trial, once, and the table of `--explain`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from autograder.grading.trial.reading.reasons import Why
from autograder.grading.trial.trial_plan import PlannedTest, Shared, TrialPlan, Walled

Plans = Mapping[str, TrialPlan]
"""By notebook."""

MOST_SHARED = 1 / 3
"""Of the points; if more is shared, a line says so."""

_WHY: Mapping[Why, str] = {
    Why.REACHES: "reach past values (files, patches, the text of functions, ...)",
    Why.SHELL: "stand in a notebook whose tests read In, Out or _",
    Why.NAMES: "use names together with shared tests, answers or given cells",
    Why.TEACHER: "do not give the teacher's own solution full points",
    Why.DIFFERS: "give another result when run apart",
    Why.CHANGES: "do not give the same result each time",
    Why.VACUOUS: "give full points to every notebook that was tried",
    Why.MIXED: "give another result when only some tests run apart",
    Why.UNTRIED: "could not be tried",
    Why.CHOSEN: "are shared by your own choice",
    Why.REDEFINED: "use a name that the learner gives another value",
    Why.LONG: "belong to a notebook that is too long to be read",
}


class Setting(StrEnum):
    """`c.Autograder.wall`."""

    TRIAL = "trial"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class Row:
    """A line of `--explain`: the test, its points, what the teacher's solution earns, how it runs, why."""

    notebook: str
    test: str
    points: float
    teacher: float | None
    how: str
    why: str


def paragraph(assignment: str, plans: Plans, setting: Setting) -> str:
    """What `grade` says once, in sentences of one paragraph.

    Args:
        assignment: By its whole name.
        plans: Of its notebooks.
        setting: The course's.
    """
    tests = [test for plan in plans.values() for test in plan.tests.values()]
    if not tests:
        return f"{assignment} has no tests."
    if setting is Setting.NEVER:
        return f"{_tests(len(tests))} of {assignment} not protected: as nbgrader."
    shared = [test for test in tests if isinstance(test.way, Shared)]
    walled = len(tests) - len(shared)
    if not shared:
        return _joined(
            [f"All {_tests(walled)} of {assignment} run apart from the learner's process.", _weak(plans)]
        )
    counts = Counter(_first(test) for test in shared)
    parts = [f"{number} {_WHY[why]}" for why, number in sorted(counts.items(), key=lambda item: -item[1])]
    said = [
        f"Of the {_tests(len(tests))} of {assignment}, {walled or 'none'} run apart from the learner's"
        f" process and {len(shared)} in it, as in nbgrader: {'; '.join(parts)}.",
        _weak(plans),
        _much(tests, shared),
        f"Each test: autograder grade {assignment} --explain",
    ]
    return _joined(said)


def explain_rows(plans: Plans) -> list[Row]:
    """The table of `--explain`, a row a test in the notebooks' order."""
    return [
        Row(notebook, name, test.points, test.teacher, _how(test), _why(test))
        for notebook, plan in plans.items()
        for name, test in plan.tests.items()
    ]


def _how(test: PlannedTest) -> str:
    if isinstance(test.way, Walled):
        return "isolated" if test.way.pure else "isolated, and in the learner's process"
    return "in the learner's process"


def _why(test: PlannedTest) -> str:
    return "; ".join(one.text for one in test.way.reasons) if isinstance(test.way, Shared) else ""


def _first(test: PlannedTest) -> Why:
    return test.way.reasons[0].why if isinstance(test.way, Shared) else Why.UNTRIED


def _weak(plans: Plans) -> str:
    """Where the teacher's own solution does not get full points."""
    found = [
        f"{name} ({test.teacher:g} of {test.points:g})"
        for plan in plans.values()
        for name, test in plan.tests.items()
        if test.teacher is not None and test.teacher < test.points - 1e-9
    ]
    if not found:
        return ""
    shown = ", ".join(found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
    return f"Your own solution does not get full points in {shown}; look at these tests."


def _much(tests: Iterable[PlannedTest], shared: Iterable[PlannedTest]) -> str:
    whole, part = sum(test.points for test in tests), sum(test.points for test in shared)
    if whole <= 0 or part <= whole * MOST_SHARED:
        return ""
    return f"{part:g} of {whole:g} points are no better protected than in nbgrader."


def _tests(number: int) -> str:
    return f"{number} test" if number == 1 else f"{number} tests"


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))
