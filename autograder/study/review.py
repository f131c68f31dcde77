"""`review`: the flashcards that are due, in a notebook."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from autograder.core.errors import CannotCheck, CourseError
from autograder.core.model import Card, Lesson
from autograder.study import installed_lessons, learner_log, schedule

SESSION = 20
"""A session has at most this many cards, unless you ask for more: short and often beats long and seldom."""


def review(lessons: str = "", most: int = SESSION) -> None:
    """Show the flashcards that are due: this lesson's, or of all lessons beside it with ``review("all")``.

    First come cards of exercises in which a check found a known mistake, then the cards that were due
    longest, then new ones, at most `most`. Raises CannotCheck, shown as one line, where there is no lesson
    or no such choice.
    """
    try:
        here = installed_lessons.here()
    except CourseError as error:
        raise CannotCheck("review cannot-check:no-lesson", f"Cannot review: {error}") from None
    if lessons not in ("", "all"):
        line = f'Cannot review {lessons!r}. Write review() for this lesson or review("all") for all of them.'
        raise CannotCheck("review cannot-check:lessons", line)
    found = installed_lessons.every() if lessons == "all" else [here]
    path = learner_log.place(Path.cwd())
    kept = learner_log.read(path)
    every = [card for lesson in found for card in lesson.cards]
    known = every if lessons != "all" else _met(found, here, kept.events)
    cards = schedule.due(known, kept.events, datetime.now(UTC), most)
    title = here.title if lessons != "all" else "all lessons"

    from IPython.display import display

    from autograder.study.flashcard_deck import Deck

    display(Deck(title, cards, every, path, lambda: datetime.now(UTC), kept.said))


def _met(lessons: list[Lesson], here: Lesson, events: tuple[learner_log.Event, ...]) -> list[Card]:
    """The cards of the lessons that were begun: new cards of a lesson not yet read would test nothing."""
    begun = {here.id[:2]}
    homes = {card.id: card.lesson for lesson in lessons for card in lesson.cards}
    for event in events:
        begun.add(homes.get(event.card, "") if isinstance(event, learner_log.Review) else event.lesson[:2])
    return [card for lesson in lessons if lesson.id[:2] in begun for card in lesson.cards]
