"""(exercise, values) -> Verdict. The same judgement in the learner's notebook and in the grader.

Order: not attempted, wrong type, right, a named mistake, close, a generic slip, wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograder.core.kinds.form import Leaf, LeafForm, Misfit
from autograder.core.model import Answer, AnswerVerdict, Exercise, Verdict
from autograder.core.seal import RIGHT, labels, place_of
from autograder.core.slips import CLOSE, GENERIC, OPTION, TYPE
from autograder.core.values import is_blank
from autograder.core.verdict import Kind


def judge(exercise: Exercise, values: Mapping[str, object]) -> Verdict:
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


def judge_answer(exercise: Exercise, answer: Answer, value: object) -> AnswerVerdict:
    """Judge one of the answers that an exercise asks for.

    Args:
        exercise: The exercise: its mistakes and its salt.
        answer: The answer, one of the exercise's.
        value: What the learner gave, of any type.

    Returns:
        Right, not attempted, or wrong, with every idea that explains it in the order of preference.
    """
    if is_blank(value):
        return AnswerVerdict(answer.name, Kind.NOT_ATTEMPTED)
    try:
        given = list(answer.form.leaves(value))
    except Misfit as misfit:
        return AnswerVerdict(answer.name, Kind.WRONG, (TYPE,), str(misfit))
    kinds = answer.form.leaf_forms()
    options = frozenset(option.strip().casefold() for option in answer.options)
    if options and not all(kind.is_option(leaf, options) for kind, leaf in zip(kinds, given, strict=True)):
        return AnswerVerdict(answer.name, Kind.WRONG, (OPTION,), ", ".join(answer.options))

    earned = _labels(exercise, answer, kinds, given)
    shared = frozenset.intersection(*earned)
    if RIGHT in shared:
        return AnswerVerdict(answer.name, Kind.RIGHT)
    ideas = [slug for slug in exercise.feedback if slug in shared]
    # Every leaf that is not right must be close for the answer to be close.
    if all(label & {RIGHT, CLOSE} for label in earned):
        ideas.append(CLOSE)
    ideas += [word for word, undo in GENERIC.items() if _right_after(undo, exercise, answer, given)]
    return AnswerVerdict(answer.name, Kind.WRONG, tuple(ideas))


def _labels(
    exercise: Exercise, answer: Answer, kinds: Sequence[LeafForm], given: Sequence[Leaf]
) -> list[frozenset[str]]:
    """The labels that each leaf earns."""
    earned = []
    for index, (kind, leaf) in enumerate(zip(kinds, given, strict=True)):
        place = place_of(exercise.salt, exercise.id, answer.name, index)
        earned.append(labels(answer.seals[index], place, kind, leaf, answer.tolerance))
    return earned


def _right_after(
    undo: Callable[[float], float], exercise: Exercise, answer: Answer, given: Sequence[Leaf]
) -> bool:
    if answer.tolerance == 0:
        return False
    kinds = answer.form.leaf_forms()
    before = [kind.unslipped(leaf, undo) for kind, leaf in zip(kinds, given, strict=True)]
    numbers = [leaf for leaf in before if leaf is not None]
    if len(numbers) < len(given):
        return False
    return all(RIGHT in earned for earned in _labels(exercise, answer, kinds, numbers))
