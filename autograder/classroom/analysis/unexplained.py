"""The wrong values of a class that no mistake of the lesson explains."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.classroom.analysis import answer_literals
from autograder.classroom.analysis.graded_class import GradedClass
from autograder.core.judge import judge
from autograder.core.model import Exercise, Verdict
from autograder.core.verdict import WRONG, Kind

Profile = Mapping[str, object]
"""The wrong values of one learner in one exercise, by answer; right and blank answers are left out."""


def students(graded: GradedClass, exercise: str) -> list[str]:
    """Who has a wrong answer in `exercise` that no mistake of the lesson explains."""
    return [one.student for one in graded.handed_in if one.outcome(exercise) == WRONG]


def profiles(graded: GradedClass, exercise: str) -> dict[str, Profile]:
    """The wrong literal values of each of those students; a student who computed the value is left out.

    Values are believed only where judging them gives the verdict that grading gave: a cell whose literal
    is not what was graded says nothing.
    """
    asked = graded.exercise(exercise)
    if asked is None:
        return {}
    judged: dict[str, Verdict] = {}  # a judgement takes a hundred times as long as reading a cell
    found: dict[str, Profile] = {}
    for student in students(graded, exercise):
        typed = answer_literals.values(graded.by_student[student].sources.get(exercise, ""))
        if not asked.answers or not all(answer.name in typed for answer in asked.answers):
            continue
        given = {answer.name: typed[answer.name] for answer in asked.answers}
        key = repr(given)
        if key not in judged:
            judged[key] = judge(asked, given)
        if judged[key].outcome == WRONG:
            found[student] = _wrong(asked, judged[key], given)
    return found


def _wrong(asked: Exercise, verdict: Verdict, given: Mapping[str, object]) -> Profile:
    names = [one.name for one in verdict.answers if one.kind is Kind.WRONG]
    return {name: given[name] for name in names}
