"""Verdict -> every sentence that a learner reads from a check, a line each, and the reader of such a line."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta

from autograder.core.model import Answer, Exercise, Verdict
from autograder.core.slips import BY_WORD
from autograder.core.verdict import Kind

MARKS: Mapping[Kind, str] = {Kind.RIGHT: "✓", Kind.WRONG: "✗", Kind.NOT_ATTEMPTED: "○"}
"""With what the line of each outcome begins."""
_GROUPS: Mapping[Kind, str] = {
    Kind.RIGHT: "right",
    Kind.WRONG: "not right",
    Kind.NOT_ATTEMPTED: "not attempted",
}
_WHICH = re.compile(rf"^(?:(?:{'|'.join(_GROUPS.values())}): [\w, ]+(?:; )?)+\. ")
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))  # in seconds


def line(exercise: Exercise, verdict: Verdict) -> str:
    """The one line that `check` prints for `verdict`."""
    return f"{_lead(verdict.kind, exercise.id)}{_said(exercise, verdict)}"


def said_of_wrong(line: str, exercise: str) -> str:
    """What the line of a wrong answer to the exercise of this id says behind mark and id."""
    return line.removeprefix(_lead(Kind.WRONG, exercise))


def which_of(said: str) -> str:
    """The sentence, with its space, on which of several answers are right; '' where `said` begins otherwise.

    `said` is what `said_of_wrong` gives.
    """
    found = _WHICH.match(said)
    return found[0] if found else ""


def _lead(outcome: Kind, exercise: str) -> str:
    return f"{MARKS[outcome]} {exercise}: "


def _said(exercise: Exercise, verdict: Verdict) -> str:
    if verdict.kind is Kind.RIGHT:
        return "right."
    if verdict.kind is Kind.NOT_ATTEMPTED:
        return (
            "not attempted yet. Put your answer in place of `...` in the cell above,"
            " run it, then run this cell."
        )
    which, why = _which(verdict), _why(exercise, verdict)
    return f"{which}{why[0].upper() + why[1:] if which else why}"


def _which(verdict: Verdict) -> str:
    """With several answers: which are right and which are not."""
    if len(verdict.answers) == 1:
        return ""
    parts = []
    for outcome, words in _GROUPS.items():
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


def duration_in_words(duration: timedelta) -> str:
    """A duration in its largest unit, a minute at least: "10 minutes", "3 days"."""
    seconds = max(duration.total_seconds(), 60)
    unit, length = next(pair for pair in _UNITS if seconds >= pair[1])
    return counted(round(seconds / length), unit)


def decimals(answer: Answer) -> int:
    """How many decimals a learner must keep for an answer within the tolerance of `answer`."""
    return max(0, math.ceil(-math.log10(answer.tolerance) - 1e-9)) if answer.tolerance > 0 else 0
