"""Verdict -> every sentence that a learner reads from a check. One line each."""

from __future__ import annotations

import math

from autograder.core.model import Answer, Exercise, Verdict
from autograder.core.slips import BY_WORD
from autograder.core.verdict import Kind


def line(exercise: Exercise, verdict: Verdict) -> str:
    """The one line that `check` prints for `verdict`."""
    if verdict.kind is Kind.RIGHT:
        return f"✓ {exercise.id}: right."
    if verdict.kind is Kind.NOT_ATTEMPTED:
        return (
            f"○ {exercise.id}: not attempted yet. Put your answer in place of `...` in the cell above,"
            " run it, then run this cell."
        )
    which, why = _which(verdict), _why(exercise, verdict)
    return f"✗ {exercise.id}: {which}{why[0].upper() + why[1:] if which else why}"


def _which(verdict: Verdict) -> str:
    """With several answers: which are right and which are not."""
    if len(verdict.answers) == 1:
        return ""
    groups = (
        (Kind.RIGHT, "right"),
        (Kind.WRONG, "not right"),
        (Kind.NOT_ATTEMPTED, "not attempted"),
    )
    parts = []
    for outcome, words in groups:
        names = [answer.name for answer in verdict.answers if answer.kind is outcome]
        if names:
            parts.append(f"{words}: {', '.join(names)}")
    return "; ".join(parts) + ". "


def _why(exercise: Exercise, verdict: Verdict) -> str:
    idea = verdict.idea
    if idea in exercise.feedback:
        return exercise.feedback[idea]
    if idea in BY_WORD:
        first = next(answer for answer in verdict.answers if answer.kind is Kind.WRONG)
        asked = next(answer for answer in exercise.answers if answer.name == first.name)
        return BY_WORD[idea].to_learner.format(misfit=first.misfit, decimals=decimals(asked))
    if not exercise.hints:
        return "not yet. Compare each step with the text."
    return f'not yet. Compare each step with the text, or ask for a hint: hint("{exercise.id}")'


def counted(number: int, thing: str) -> str:
    """A number of things: "1 answer", "3 answers"."""
    return f"{number} {thing}{'s' * (number != 1)}"


def decimals(answer: Answer) -> int:
    """How many decimals a learner must keep for an answer within the tolerance of `answer`."""
    return max(0, math.ceil(-math.log10(answer.tolerance) - 1e-9)) if answer.tolerance > 0 else 0
