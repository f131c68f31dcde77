"""Learners who may need a word: what can be seen, in plain and kind words, never a judgement of a person."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.core.messages import duration_in_words
from autograder.core.verdict import Kind

FALL = 0.3
"""How far, in shares of the points, a learner must fall below their own earlier lessons, beyond the class."""
EARLIER = 2
"""Earlier lessons that it takes to know what is usual for a learner."""
STOPPED = 3
"""Exercises that must have stopped with an error; or half of all."""
ALERTS: Mapping[str, str] = {
    "blank": "Nothing in it yet",
    "fall": "Far below their own earlier lessons",
    "stopped": "Many answers stopped with an error",
    "late": "Late",
    "absent": "Nothing handed in",
    "refused": "Could not be graded",
}
"""Each kind of alert and its heading in a report, in the order of the report."""


@dataclass(frozen=True)
class Earlier:
    """The lessons graded before this one: shares of their points by learner, lesson by lesson in order."""

    shares: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True)
class Alert:
    """One reason to talk to a learner. `kind` is one of `ALERTS`."""

    lesson: str
    student: str
    kind: str
    words: str


def alerts_of(graded: GradedClass, earlier: Earlier) -> list[Alert]:
    """The alerts of one lesson, in the order of `ALERTS`, then by learner."""
    found = [
        Alert(graded.assignment, student, "absent", "handed in nothing. Ask whether something is in the way.")
        for student in graded.absent
    ]
    found += [
        Alert(
            graded.assignment,
            student,
            "refused",
            "handed in something that could not be graded. Tell them now, so that it can be mended in time.",
        )
        for student in graded.refused
    ]
    shares = [one.share for one in graded.handed_in if not one.blank]
    class_now = statistics.median(shares) if shares else None
    for one in graded.handed_in:
        if one.damage:
            words = "has a notebook that could not be read. Tell them now, so that it can be mended in time."
            found.append(Alert(graded.assignment, one.student, "refused", words))
            continue
        for kind, words in _seen(one, graded, earlier, class_now):
            found.append(Alert(graded.assignment, one.student, kind, words))
    order = list(ALERTS)
    return sorted(found, key=lambda alert: (order.index(alert.kind), alert.student))


def _seen(
    one: HandedIn, graded: GradedClass, earlier: Earlier, class_now: float | None
) -> list[tuple[str, str]]:
    seen = []
    if one.blank:
        seen.append(("blank", "handed in a notebook with nothing in it yet. A friendly question may help."))
    elif words := _fall(one, earlier, class_now):
        seen.append(("fall", words))
    stopped = sum(one.kind(name) is Kind.ERROR for name in graded.points)
    if stopped >= STOPPED or (stopped > 1 and stopped * 2 >= len(graded.points)):
        words = f"has {stopped} exercises that stopped with an error. Often one cell above is the cause."
        seen.append(("stopped", words))
    if one.late > 0:
        seen.append(("late", f"handed in {how_long(one.late)} late. Ask whether the time was enough."))
    return seen


def _fall(one: HandedIn, earlier: Earlier, class_now: float | None) -> str:
    """The words for somebody far below what is usual for them, where the class is not; else ''."""
    before = [shares for shares in earlier.shares if one.student in shares]
    if len(before) < EARLIER or class_now is None:
        return ""
    own = sum(shares[one.student] for shares in before) / len(before)
    # What the class did in the same lessons: a hard lesson is nobody's fall.
    medians = [statistics.median(shares.values()) for shares in before]
    class_fall = sum(medians) / len(medians) - class_now
    if own - one.share - max(0.0, class_fall) < FALL:
        return ""
    return (
        f"earned {one.share:.0%} of the points here and {own:.0%} on average before"
        f" (the class's median here: {class_now:.0%}). Ask how it is going."
    )


def how_long(seconds: float) -> str:
    """A time in the largest unit that says it: "2 days", "5 hours", "12 minutes"."""
    return duration_in_words(timedelta(seconds=seconds)) if seconds >= 60 else "less than a minute"
