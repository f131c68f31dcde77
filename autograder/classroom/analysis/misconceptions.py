"""Which wrong ideas a class holds, how many hold each, and what to say of it on Monday."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.classroom.analysis.graded_class import GradedClass
from autograder.core.slips import BY_WORD, name_of
from autograder.core.verdict import Kind

_NUMBERS = "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve".split()
_TURNS = (
    # What the author says to one learner -> what a teacher says of some of the class.
    (re.compile(r"^You (?=\S)"), "{} of you "),
    (re.compile(r"^Your (?=\S)"), "For {} of you: your "),
    (re.compile(r"^(?:This|That|It) is (?=\S)"), "For {} of you, the answer is "),
    (re.compile(r"^These are (?=\S)"), "For {} of you, the answers are "),
)


@dataclass(frozen=True)
class Misconception:
    """One wrong idea in one exercise. `slug` is the author's, or one of the judge's own, with "~".

    `holders` are learners' ids in order. `attempted` and `wrong` count the learners who attempted the
    exercise, and those of them who are not right.
    """

    lesson: str
    exercise: str
    slug: str
    feedback: str
    holders: tuple[str, ...]
    attempted: int
    wrong: int

    @property
    def name(self) -> str:
        """What to call it."""
        return name_of(self.slug)

    @property
    def own(self) -> bool:
        """Whether the judge knows it of itself, so that no author named it."""
        return self.slug in BY_WORD

    @property
    def several(self) -> bool:
        """Whether more than one learner holds it, so that saying it singles out nobody."""
        return len(self.holders) > 1

    @property
    def monday(self) -> str:
        """What to say to the class."""
        return to_the_class(self.feedback, len(self.holders))


@dataclass(frozen=True)
class SharedMisconception:
    """One misconception over all exercises. `places` has it once for each exercise where it is held."""

    slug: str
    places: tuple[Misconception, ...]

    @property
    def name(self) -> str:
        """What to call it."""
        return name_of(self.slug)

    @property
    def holders(self) -> tuple[str, ...]:
        """The learners who held it at least once."""
        return tuple(sorted({student for idea in self.places for student in idea.holders}))

    @property
    def times(self) -> int:
        """How many answers it spoiled."""
        return sum(len(idea.holders) for idea in self.places)


def held(graded: GradedClass) -> list[Misconception]:
    """Every wrong idea of a lesson that somebody holds, the most held first."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in graded.handed_in:
        for exercise, outcome in one.verdicts.items():
            if outcome.kind is Kind.WRONG and outcome.idea:
                found.setdefault((exercise, outcome.idea), []).append(one.student)
    made = []
    for (exercise, slug), students in found.items():
        asked = graded.exercise(exercise)
        tried = [one.kind(exercise) for one in graded.handed_in if one.attempted(exercise)]
        feedback = asked.feedback.get(slug, "") if asked else ""
        made.append(
            Misconception(
                graded.assignment,
                exercise,
                slug,
                feedback or BY_WORD[slug].to_class,
                tuple(sorted(students)),
                len(tried),
                sum(kind is not Kind.RIGHT for kind in tried),
            )
        )
    order = {name: number for number, name in enumerate(graded.points)}
    return sorted(made, key=lambda idea: (-len(idea.holders), order.get(idea.exercise, 0), idea.slug))


def added_up(ideas: Iterable[Misconception]) -> list[SharedMisconception]:
    """The same idea over exercises and lessons, the most held first."""
    places: dict[str, list[Misconception]] = {}
    for idea in ideas:
        places.setdefault(idea.slug, []).append(idea)
    made = [SharedMisconception(slug, tuple(those)) for slug, those in places.items()]
    return sorted(made, key=lambda one: (-len(one.holders), -one.times, one.slug))


def to_the_class(feedback: str, count: int) -> str:
    """The author's feedback to one learner, turned to a class in which `count` hold the idea.

    Nobody is singled out: of a single learner it says what may help everybody.
    """
    if count < 2:
        return f"A word that may help everybody: {feedback}"
    number = _NUMBERS[count - 1] if count <= len(_NUMBERS) else str(count)
    for pattern, words in _TURNS:
        if pattern.match(feedback):
            opening = words.format(number if words.startswith("{") else number.lower())
            return opening + pattern.sub("", feedback, count=1)
    return f"A word for {number.lower()} of you: {feedback}"
