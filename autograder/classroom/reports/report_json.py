"""A report as JSON: the same facts as its page, for programs."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.classroom.analysis.answer_clusters import Cluster
from autograder.classroom.analysis.class_report import LessonReport, TermReport
from autograder.classroom.analysis.early_alerts import Alert
from autograder.classroom.analysis.item_analysis import Item
from autograder.classroom.analysis.misconceptions import Misconception, SharedMisconception
from autograder.classroom.analysis.similarity import WARNING, Pair
from autograder.classroom.reports.pseudonyms import Labels


def of_lesson(report: LessonReport, labels: Labels) -> dict[str, object]:
    """One lesson. Shares are from 0 to 1, times in seconds, points as in the gradebook."""
    return {
        "lesson": report.graded.assignment,
        "title": report.graded.title,
        "learners": len(report.graded.handed_in),
        "median_share": report.median,
        "exercises": [_item(one) for one in report.items],
        "ideas": [_idea(one, labels) for one in report.misconceptions],
        "ideas_in_several_exercises": [_shared(one, labels) for one in report.shared],
        "unexplained": [
            {
                "exercise": one.exercise,
                "learners": one.count,
                "single": len(one.single),
                "computed": len(one.unread),
            }
            for one in report.unexplained
        ],
        "clusters": [_cluster(one, labels) for one in report.clusters],
        "learners_who_may_need_a_word": [_alert(one, labels) for one in report.alerts],
        "alike": _alike(report.pairs, labels),
    }


def of_term(report: TermReport, labels: Labels) -> dict[str, object]:
    """All graded lessons, and what only shows over all of them."""
    return {
        "lessons": [of_lesson(one, labels) for one in report.lessons],
        "ideas": [_shared(one, labels) for one in report.shared],
        "alike": _alike(report.pairs, labels),
    }


def _item(one: Item) -> dict[str, object]:
    return {
        "exercise": one.exercise,
        "points": one.points,
        "optional": one.optional,
        "learners": one.learners,
        "attempted": one.attempted,
        "right": one.right,
        "wrong_named": one.named,
        "wrong_unexplained": one.unexplained,
        "stopped": one.stopped,
        "share_right": one.share_right,
        "share_right_of_attempted": one.share_right_of_attempted,
        "share_right_of_attempted_95": one.interval,
        "discrimination": one.discrimination,
        "discrimination_95": one.discrimination_interval,
        "discrimination_unknown_because": one.why,
    }


def _idea(one: Misconception, labels: Labels) -> dict[str, object]:
    return {
        "exercise": one.exercise,
        "idea": one.slug,
        "name": one.name,
        "learners": sorted(map(labels.key, one.holders)),
        "count": len(one.holders),
        "attempted": one.attempted,
        "wrong": one.wrong,
        "feedback": one.feedback,
        "monday": one.monday,
    }


def _shared(one: SharedMisconception, labels: Labels) -> dict[str, object]:
    return {
        "idea": one.slug,
        "learners": sorted(map(labels.key, one.holders)),
        "count": len(one.holders),
        "answers": one.times,
        "places": [
            {"lesson": idea.lesson, "exercise": idea.exercise, "count": len(idea.holders)}
            for idea in one.places
        ],
    }


def _cluster(one: Cluster, labels: Labels) -> dict[str, object]:
    return {
        "lesson": one.lesson,
        "exercise": one.exercise,
        "value": one.value,
        "count": len(one.holders),
        "learners": sorted(map(labels.key, one.holders)),
        "typed": list(one.values),
        "relation": one.relation,
        "lines": one.lines,
        "paste_after": one.paste_after,
        "no_lines_because": one.why_not,
    }


def _alert(one: Alert, labels: Labels) -> dict[str, object]:
    return {"learner": labels.key(one.student), "lesson": one.lesson, "kind": one.kind, "words": one.words}


def _alike(pairs: Iterable[Pair], labels: Labels) -> dict[str, object]:
    return {
        "warning": WARNING,
        "pairs": [
            {
                "learners": sorted(map(labels.key, pair.students)),
                "signs": [
                    {"lesson": s.lesson, "exercise": s.exercise, "code_alike": s.code, "value": s.value}
                    for s in pair.signs
                ],
            }
            for pair in pairs
        ],
    }
