"""Which cards are due: mistakes first, then the longest due, then new ones; FSRS says when one comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from autograder.core.model import Card
from autograder.study import schedule
from autograder.study.learner_log import Attempt, Review

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CARDS = [Card(f"03-card-{n}", f"q{n}", f"a{n}", "kl-forward" if n == 4 else "", "03") for n in range(1, 6)]


def at(days: float) -> datetime:
    """So many days from now; negative is before."""
    return NOW + timedelta(days=days)


def ids(cards: list[Card]) -> list[int]:
    """The numbers of the cards."""
    return [int(card.id.rpartition("-")[2]) for card in cards]


def test_new_cards_are_due_in_their_order() -> None:
    assert ids(schedule.due(CARDS, [], NOW)) == [1, 2, 3, 4, 5]
    assert ids(schedule.due(CARDS, [], NOW, most=2)) == [1, 2]


def test_a_reviewed_card_rests_and_comes_back() -> None:
    events = [Review(at(0), "03-card-1", 4)]
    due = schedule.next_due(CARDS[0], events)
    assert due is not None and at(1) < due < at(60)
    assert 1 not in ids(schedule.due(CARDS, events, at(0.5)))
    assert ids(schedule.due(CARDS, events, due))[0] == 1


def test_each_good_review_rests_longer() -> None:
    events: list[Review] = []
    waits, now = [], at(0)
    for _ in range(6):
        events.append(Review(now, "03-card-1", 3))
        due = schedule.next_due(CARDS[0], events)
        assert due is not None
        waits.append(due - now)
        now = due
    assert waits == sorted(waits) and waits[-1] > timedelta(days=30)
    assert waits[-1] <= timedelta(days=schedule.LONGEST_DAYS)


def test_again_comes_back_within_minutes() -> None:
    due = schedule.next_due(CARDS[0], [Review(NOW, "03-card-1", 1)])
    assert due is not None and due - NOW <= timedelta(minutes=10)


def test_a_known_mistake_calls_its_card_to_the_front() -> None:
    resting = [Review(at(-1), f"03-card-{n}", 4) for n in range(1, 6)]
    assert ids(schedule.due(CARDS, resting, NOW)) == []
    mistake = Attempt(at(-0.1), "03-maximum-likelihood", "kl-forward", "wrong:bits")
    assert ids(schedule.due(CARDS, [*resting, mistake], NOW)) == [4]
    assert ids(schedule.due(CARDS, [mistake], NOW))[0] == 4


@pytest.mark.parametrize(
    "attempt",
    [
        Attempt(NOW, "03-maximum-likelihood", "kl-forward", "wrong"),
        Attempt(NOW, "03-maximum-likelihood", "kl-forward", "right"),
        Attempt(NOW, "03-maximum-likelihood", "another", "wrong:bits"),
        Attempt(NOW, "04-flows", "kl-forward", "wrong:bits"),
    ],
    ids=["unknown mistake", "right", "another exercise", "another lesson"],
)
def test_nothing_else_calls_a_card(attempt: Attempt) -> None:
    assert ids(schedule.due(CARDS, [attempt], NOW)) == [1, 2, 3, 4, 5]


def test_a_review_after_the_mistake_settles_it() -> None:
    mistake = Attempt(at(-0.1), "03-maximum-likelihood", "kl-forward", "wrong:bits")
    assert 4 not in ids(schedule.due(CARDS, [mistake, Review(at(-0.05), "03-card-4", 4)], NOW))


def test_the_longest_due_comes_first_and_before_new_ones() -> None:
    events = [Review(at(-40), "03-card-5", 3), Review(at(-30), "03-card-2", 3)]
    assert ids(schedule.due(CARDS, events, NOW)) == [5, 2, 1, 3, 4]


def test_reviews_of_two_notebooks_count_whatever_order_they_were_written_in() -> None:
    events = [Review(at(-2), "03-card-1", 3), Review(at(-1), "03-card-1", 3)]
    once = schedule.next_due(CARDS[0], events[:1])
    twice = schedule.next_due(CARDS[0], events)
    assert once is not None and twice is not None and twice > once
