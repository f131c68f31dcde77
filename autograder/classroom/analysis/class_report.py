"""`autograder report`: what a graded lesson, or a whole term, tells an instructor. Facts here, no pages."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.classroom.analysis import (
    answer_clusters,
    early_alerts,
    graded_class,
    item_analysis,
    misconceptions,
    similarity,
    unexplained,
)
from autograder.classroom.analysis.answer_clusters import Cluster, Unexplained
from autograder.classroom.analysis.early_alerts import Alert, Earlier
from autograder.classroom.analysis.graded_class import GradedClass
from autograder.classroom.analysis.item_analysis import Item
from autograder.classroom.analysis.misconceptions import Misconception, SharedMisconception
from autograder.classroom.analysis.similarity import Pair
from autograder.core.errors import CourseError
from autograder.grading.gradebook.course_directory import Classroom

TERM = "term"
"""The name that means all graded lessons."""


@dataclass(frozen=True)
class LessonReport:
    """What one graded lesson tells. Names are in `graded`; all else is by learner's id."""

    graded: GradedClass
    items: tuple[Item, ...]
    misconceptions: tuple[Misconception, ...]
    shared: tuple[SharedMisconception, ...]
    unexplained: tuple[Unexplained, ...]
    alerts: tuple[Alert, ...]
    pairs: tuple[Pair, ...] = ()

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """The unknown wrong values that several learners have, the most held first."""
        every = [cluster for one in self.unexplained for cluster in one.clusters]
        return tuple(sorted(every, key=lambda cluster: -len(cluster.holders)))

    @property
    def shares(self) -> tuple[float, ...]:
        """Everybody's share of the points, from 0 to 1, in order."""
        return tuple(sorted(one.share for one in self.graded.handed_in))

    @property
    def median(self) -> float:
        """The median share of the points."""
        return statistics.median(self.shares)


@dataclass(frozen=True)
class TermReport:
    """All graded lessons, each with its report, and what only shows over all of them."""

    lessons: tuple[LessonReport, ...]
    shared: tuple[SharedMisconception, ...]
    pairs: tuple[Pair, ...]

    @property
    def names(self) -> Mapping[str, str]:
        """People's names by id."""
        return {id_: name for one in self.lessons for id_, name in one.graded.names.items()}

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Every lesson's, the most held first."""
        every = [cluster for one in self.lessons for cluster in one.clusters]
        return tuple(sorted(every, key=lambda cluster: -len(cluster.holders)))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every lesson's."""
        return tuple(alert for one in self.lessons for alert in one.alerts)


def of_lesson(root: Path, prefix: str) -> LessonReport:
    """The report of the lesson that starts with `prefix`. Raises CourseError where it is not graded."""
    classroom = Classroom(root)
    assignment = graded_class.find(classroom, prefix)
    graded = graded_class.read(classroom, assignment)
    earlier = Earlier(
        tuple(
            graded_class.shares(classroom, name)
            for name in graded_class.graded_lessons(classroom)
            if name < assignment
        )
    )
    return replace(_report(root, graded, earlier), pairs=tuple(similarity.find([graded])))


def of_term(root: Path, say: Callable[[str], object] = lambda _: None) -> TermReport:
    """The report of every graded lesson; `say` is called with each lesson's name before it is read."""
    classroom = Classroom(root)
    names = graded_class.graded_lessons(classroom)
    if not names:
        raise CourseError("no lesson is graded yet. Run: autograder grade LESSON")
    made: list[LessonReport] = []
    for name in names:
        say(name)
        graded = graded_class.read(classroom, name)
        earlier = Earlier(
            tuple({one.student: one.share for one in before.graded.handed_in} for before in made)
        )
        made.append(_report(root, graded, earlier))
    return TermReport(
        tuple(made),
        tuple(misconceptions.added_up(idea for one in made for idea in one.misconceptions)),
        tuple(similarity.find([one.graded for one in made])),
    )


def _report(root: Path, graded: GradedClass, earlier: Earlier) -> LessonReport:
    held = misconceptions.held(graded)
    asked = [name for name in graded.points if unexplained.students(graded, name)]
    known = answer_clusters.author_values(root / "lessons" / f"{graded.assignment}.md", asked)
    return LessonReport(
        graded=graded,
        items=tuple(item_analysis.analyse(graded)),
        misconceptions=tuple(held),
        shared=tuple(one for one in misconceptions.added_up(held) if len(one.places) > 1),
        unexplained=tuple(answer_clusters.gather(graded, known)),
        alerts=tuple(early_alerts.alerts_of(graded, earlier)),
    )


def by_learner(alerts: Sequence[Alert]) -> dict[str, list[Alert]]:
    """Alerts by learner; the learner with the most comes first."""
    found: dict[str, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.student, []).append(alert)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))
