"""(exercise, values) -> Verdict. The same judgement in the learner's notebook and in the grader.

Order: not attempted, wrong type, right, a named mistake, close, a generic slip, wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.core.model import Answer, AnswerVerdict, Exercise, Verdict
from autograder.core.seal import RIGHT, labels
from autograder.core.slips import CLOSE, GENERIC, OPTION, TYPE
from autograder.core.values import Leaf, Misfit, is_blank, leaves
from autograder.core.verdict import Kind


def judge(exercise: Exercise, values: Mapping[str, Any]) -> Verdict:
    """Judge `values` by answer name. Raises KeyError where the names are not the exercise's own."""
    if set(values) != {answer.name for answer in exercise.answers}:
        raise KeyError(exercise.id)
    verdicts = tuple(judge_answer(exercise, answer, values[answer.name]) for answer in exercise.answers)
    outcomes = {verdict.kind for verdict in verdicts}
    if outcomes == {Kind.RIGHT}:
        return Verdict(exercise.id, Kind.RIGHT, answers=verdicts)
    wrong = [verdict for verdict in verdicts if verdict.kind is Kind.WRONG]
    if not wrong:
        return Verdict(exercise.id, Kind.NOT_ATTEMPTED, answers=verdicts)
    return Verdict(exercise.id, Kind.WRONG, _shared(exercise, wrong), verdicts)


def _shared(exercise: Exercise, wrong: list[AnswerVerdict]) -> str:
    """The first idea that explains every wrong answer, but for answers that are silent on it; or ''."""
    silent = {answer.name: answer.silent_on for answer in exercise.answers}
    for idea in dict.fromkeys(idea for verdict in wrong for idea in verdict.ideas):
        if all(idea in verdict.ideas or idea in silent[verdict.name] for verdict in wrong):
            return idea
    return ""


def judge_answer(exercise: Exercise, answer: Answer, value: Any) -> AnswerVerdict:
    """Judge one of the answers that an exercise asks for."""
    if is_blank(value):
        return AnswerVerdict(answer.name, Kind.NOT_ATTEMPTED)
    try:
        given = leaves(value, answer.form)
    except Misfit as misfit:
        return AnswerVerdict(answer.name, Kind.WRONG, (TYPE,), str(misfit))
    options = {option.strip().casefold() for option in answer.options}
    if options and any(isinstance(leaf, str) and leaf not in options for leaf in given):
        return AnswerVerdict(answer.name, Kind.WRONG, (OPTION,), ", ".join(answer.options))

    earned = [_labels(exercise, answer, index, leaf) for index, leaf in enumerate(given)]
    shared = frozenset.intersection(*earned)
    if RIGHT in shared:
        return AnswerVerdict(answer.name, Kind.RIGHT)
    ideas = [slug for slug in exercise.feedback if slug in shared]
    # Every leaf that is not right must be close for the answer to be close.
    if all(label & {RIGHT, CLOSE} for label in earned):
        ideas.append(CLOSE)
    ideas += [word for word, undo in GENERIC.items() if _right_after(undo, exercise, answer, given)]
    return AnswerVerdict(answer.name, Kind.WRONG, tuple(ideas))


def _labels(exercise: Exercise, answer: Answer, index: int, leaf: Leaf) -> frozenset[str]:
    place = "\0".join((exercise.salt, exercise.id, answer.name, str(index)))
    return labels(answer.seals[index], place, leaf, answer.tolerance)


def _right_after(
    undo: Callable[[float], float], exercise: Exercise, answer: Answer, given: list[Leaf]
) -> bool:
    numbers = [leaf for leaf in given if not isinstance(leaf, bool | str)]
    if answer.tolerance == 0 or len(numbers) < len(given):
        return False
    return all(RIGHT in _labels(exercise, answer, index, undo(leaf)) for index, leaf in enumerate(numbers))
