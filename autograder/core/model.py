"""An exercise as the judge knows it: forms, tolerances and sealed answers, never a reference in the clear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.core.kinds.form import Form
from autograder.core.verdict import Kind, Outcome

DEFAULT_TOLERANCE = 0.0002


@dataclass(frozen=True)
class Answer:
    """One value that an exercise asks for.

    `seals` holds, for each leaf of the form in order, the sealed records by tag (see `seal`).
    By this answer the mistakes `silent_on` cannot be told: a wrong value here speaks neither for nor against.
    """

    name: str
    form: Form
    tolerance: float = DEFAULT_TOLERANCE
    options: tuple[str, ...] = ()
    seals: tuple[Mapping[str, str], ...] = ()
    silent_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """One idea, one grade cell, all or nothing. `feedback` is by mistake slug."""

    id: str
    points: float
    answers: tuple[Answer, ...]
    feedback: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    salt: str = ""
    unit: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Card:
    """A flashcard. `exercise` is the id of the exercise whose mistakes bring it up, or ''.

    `lesson` is the number of the lesson that it stands in, such as "03". The id says nothing of that: it
    stays when the card moves to another lesson.
    """

    id: str
    question: str
    answer: str
    exercise: str = ""
    lesson: str = ""


@dataclass(frozen=True)
class Lesson:
    """What a learner's folder knows of a lesson: the contents of lesson.json.

    `version` is the fingerprint that its notebook carries as well; '' in a file from before there were any.
    """

    id: str
    title: str
    minutes: int
    exercises: Mapping[str, Exercise]
    cards: tuple[Card, ...]
    version: str = ""


@dataclass(frozen=True)
class AnswerVerdict:
    """The judgement of one named answer of an exercise.

    `ideas` are the labels that explain a wrong value, in order of preference: slugs of the exercise's
    mistakes, or one of the judge's own words, which start with "~" (`slips.SLIPS`).
    `misfit` says why the value is not even of the type asked for.
    """

    name: str
    kind: Kind
    ideas: tuple[str, ...] = ()
    misfit: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of an exercise. `idea` is the one idea that all its wrong answers share, or ''."""

    exercise: str
    kind: Kind
    idea: str = ""
    answers: tuple[AnswerVerdict, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What it comes to."""
        return Outcome(self.kind, self.idea)

    @property
    def code(self) -> str:
        """``exercise-id verdict[:mistake]``, the value of the error that a check raises."""
        return f"{self.exercise} {self.outcome}"
