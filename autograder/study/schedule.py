"""Which cards to show now, and when each comes back: FSRS over the reviews in the learner's log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from autograder.core.model import Card
from autograder.core.verdict import Kind
from autograder.study.learner_log import Attempt, Event, Review

if TYPE_CHECKING:
    import fsrs

LONGEST_DAYS = 365
"""No card rests longer than a year."""


@dataclass(frozen=True)
class Standing:
    """How a card stands: when it is due (None if it was never reviewed), and when a mistake called it up."""

    card: Card
    due: datetime | None
    called_up: datetime | None


def standings(cards: Iterable[Card], events: Sequence[Event]) -> list[Standing]:
    """The standing of each card after `events`, which are in the order of time."""
    known: dict[str, fsrs.Card] = {}
    last: dict[str, datetime] = {}
    mistaken: dict[str, datetime] = {}
    cards = list(cards)
    wanted = {card.id for card in cards}
    for event in events:
        if isinstance(event, Attempt) and event.outcome.kind is Kind.WRONG and event.outcome.idea:
            mistaken[f"{event.lesson[:2]} {event.exercise}"] = event.at
        elif isinstance(event, Review) and event.card in wanted:
            known[event.card] = _reviewed(known.get(event.card), event)
            last[event.card] = event.at
    return [_standing(card, known.get(card.id), last.get(card.id), mistaken) for card in cards]


def _standing(
    card: Card, known: fsrs.Card | None, last: datetime | None, mistaken: dict[str, datetime]
) -> Standing:
    called = mistaken.get(f"{card.lesson} {card.exercise}") if card.exercise else None
    if called and last and last >= called:
        called = None
    return Standing(card, known.due if known else None, called)


def due(cards: Iterable[Card], events: Sequence[Event], now: datetime, most: int | None = None) -> list[Card]:
    """The cards to show: those that a mistake calls up, those due longest, then new ones.

    Mistakes call up the latest first; new cards keep their order.

    Args:
        cards: The cards to choose from.
        events: What the learner did, in the order of time.
        now: When they are to be shown.
        most: How many cards at most; None for all.
    """
    ranked = []
    for place, standing in enumerate(standings(cards, events)):
        if standing.called_up:
            ranked.append((0, -standing.called_up.timestamp(), place, standing.card))
        elif standing.due is None:
            ranked.append((2, 0.0, place, standing.card))
        elif standing.due <= now:
            ranked.append((1, standing.due.timestamp(), place, standing.card))
    return [card for *_, card in sorted(ranked, key=lambda entry: entry[:3])][:most]


def next_due(card: Card, events: Sequence[Event]) -> datetime | None:
    """When a card comes back; None where it was never reviewed."""
    (standing,) = standings([card], events)
    return standing.due


def _reviewed(card: fsrs.Card | None, review: Review) -> fsrs.Card:
    import fsrs

    # An id is given, since fsrs would wait a millisecond for one of its own.
    before = card or fsrs.Card(card_id=0, due=review.at)
    after, _ = _scheduler().review_card(before, fsrs.Rating(review.rating), review.at)
    return after


@cache
def _scheduler() -> fsrs.Scheduler:
    import fsrs

    # No fuzz: two notebooks that read the same log must come to the same day.
    return fsrs.Scheduler(enable_fuzzing=False, maximum_interval=LONGEST_DAYS)
