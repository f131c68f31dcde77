"""Item analysis: how hard each exercise was for a class, and how well it tells learners apart.

Difficulty is the share that is right, with Wilson's interval (E. B. Wilson 1927, J. Am. Stat. Assoc. 22,
209-212): the centre (k + z²/2) / (n + z²) and half-width z / (n + z²) · sqrt(k (n - k) / n + z²/4).

Discrimination is the item-rest correlation: the point-biserial correlation of right (1) or not (0) with the
points earned in the *other* exercises, so that no exercise is correlated with itself (S. Henrysson 1963,
Psychometrika 28, 211-218). With M1, M0 the mean rest of those with and without the right answer, p the share
that is right and s the rest's standard deviation (divided by n):

    r = (M1 - M0) / s · sqrt(p (1 - p))

which is Pearson's correlation of the two columns (F. M. Lord and M. R. Novick 1968, Statistical Theories of
Mental Test Scores, chapter 15). Its interval is Fisher's, tanh(atanh r ± 1.96 / sqrt(n - 3)): rough, since a
column of zeros and ones is not normal, but it says when a class is too small to say anything.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.core.verdict import WRONG, Kind

Interval = tuple[float, float]
FEWEST = 10
"""Below so many learners no discrimination is given: with nine, even r = 0.6 may be chance."""
_Z = 1.959964  # the normal deviate that leaves 2.5 % on either side


@dataclass(frozen=True)
class Item:
    """One exercise in one class, counted in learners who handed in.

    `discrimination` is from -1 to 1; None, with `why` in words, where it cannot be said.
    """

    exercise: str
    points: float
    optional: bool
    learners: int
    attempted: int
    right: int
    named: int
    unexplained: int
    stopped: int
    discrimination: float | None
    discrimination_interval: Interval | None
    why: str = ""

    @property
    def blank(self) -> int:
        """How many left it blank."""
        return self.learners - self.attempted

    @property
    def share_right(self) -> float | None:
        """Right, of all who handed in."""
        return self.right / self.learners if self.learners else None

    @property
    def share_right_of_attempted(self) -> float | None:
        """Right, of those who attempted it."""
        return self.right / self.attempted if self.attempted else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval (95 %) for the share of those who attempted it."""
        return wilson(self.right, self.attempted) if self.attempted else None


def analyse(graded: GradedClass) -> list[Item]:
    """Every exercise of a graded lesson, in order."""
    return [_item(graded, name) for name in graded.points]


def _item(graded: GradedClass, name: str) -> Item:
    read = [one for one in graded.handed_in if one.verdicts]
    outcomes = [one.outcome(name) for one in read]
    optional = name in graded.optional
    # Who handed in an empty notebook is wrong everywhere at once, which would make every exercise seem to
    # tell learners apart; optional exercises are left out by choice, so they are judged among their takers.
    base = [one for one in read if (one.attempted(name) if optional else not one.blank)]
    scores = [1.0 if one.kind(name) is Kind.RIGHT else 0.0 for one in base]
    r, why = discrimination(scores, [rest(graded, one, name) for one in base])
    return Item(
        exercise=name,
        points=graded.points[name],
        optional=optional,
        learners=len(read),
        attempted=sum(outcome.kind is not Kind.NOT_ATTEMPTED for outcome in outcomes),
        right=sum(outcome.kind is Kind.RIGHT for outcome in outcomes),
        named=sum(outcome.kind is Kind.WRONG and outcome != WRONG for outcome in outcomes),
        unexplained=sum(outcome == WRONG for outcome in outcomes),
        stopped=sum(outcome.kind is Kind.ERROR for outcome in outcomes),
        discrimination=r,
        discrimination_interval=None if r is None else fisher(r, len(base)),
        why=why,
    )


def rest(graded: GradedClass, one: HandedIn, name: str) -> float:
    """Add up a learner's points without one exercise, for the item-rest correlation.

    Args:
        graded: The class, with the points of each exercise.
        one: The learner's submission.
        name: The exercise to leave out.

    Returns:
        The points of the other exercises that are right; optional ones do not count.
    """
    return sum(
        points
        for other, points in graded.points.items()
        if other != name and other not in graded.optional and one.kind(other) is Kind.RIGHT
    )


def discrimination(scores: Sequence[float], rests: Sequence[float]) -> tuple[float | None, str]:
    """The item-rest correlation, or None and the reason. `scores` are 1.0 for right, else 0.0."""
    if len(scores) < FEWEST:
        return None, f"fewer than {FEWEST} learners"
    if len(set(scores)) < 2:
        return None, "everybody right" if scores[0] else "nobody right"
    if len(set(rests)) < 2:
        return None, "all alike in the other exercises"
    return point_biserial(scores, rests), ""


def point_biserial(scores: Sequence[float], rests: Sequence[float]) -> float:
    """The correlation r of the formula above. Both groups must be there, and the rests must differ."""
    # Rounding can lead a hair beyond 1, where atanh has no value.
    return max(-1.0, min(1.0, statistics.correlation(scores, rests)))


def wilson(right: int, of: int) -> Interval:
    """Wilson's 95 % interval for a share of `of` > 0."""
    z = _Z * _Z
    middle = (right + z / 2) / (of + z)
    half = _Z / (of + z) * math.sqrt(right * (of - right) / of + z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def fisher(r: float, n: int) -> Interval | None:
    """Fisher's 95 % interval for a correlation of n > 3 pairs; None for r = ±1, which has none."""
    if n <= 3 or abs(r) >= 1:
        return None
    middle, half = math.atanh(r), _Z / math.sqrt(n - 3)
    return math.tanh(middle - half), math.tanh(middle + half)
