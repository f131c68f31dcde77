"""review() and progress() in a learner's folder: what they show after right, wrong and blank answers."""

from __future__ import annotations

import contextlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograder import check, progress, review
from autograder.core.errors import CannotCheck, NotYet
from autograder.study import installed_lessons, learner_log, schedule
from autograder.study.flashcard_deck import Deck
from autograder.study.progress import next_step, picture, state_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def desk(built_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder of the tiny lesson, in a notebook's kernel."""
    folder = tmp_path / "work" / "01-coins"
    shutil.copytree(built_once / "release" / "01-coins", folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv(learner_log.PLACE, raising=False)
    monkeypatch.setattr(learner_log, "is_kept", lambda: True)
    return folder


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was displayed."""
    found: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda what, **_: found.append(what))
    return found


def try_answer(value: object) -> None:
    """Type an answer to the first exercise and check it."""
    with contextlib.suppress(NotYet):
        check("coin-entropy", coin_entropy=value)


def said(capsys: pytest.CaptureFixture[str], *lessons: str) -> str:
    """What progress() prints outside of IPython."""
    capsys.readouterr()
    progress(*lessons)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("platform", "words"),
    [("linux", "on this machine"), ("emscripten", f"`{learner_log.FILE}`, which this browser keeps")],
)
def test_it_says_where_it_is_kept(
    desk: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    platform: str,
    words: str,
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert words in said(capsys)


def test_right_wrong_and_blank(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try_answer(...)
    assert not (desk.parent / learner_log.FILE).exists()
    assert "| `coin-entropy` | 2 | ○ untouched |" in said(capsys)
    try_answer(0.8112781244591328)
    assert "| `coin-entropy` | 2 | ◐ tried |" in said(capsys)
    assert '**Next:** try `coin-entropy` again; hint("coin-entropy") helps.' in said(capsys)
    try_answer(0.5623351446188083)
    out = said(capsys)
    assert "| `coin-entropy` | 2 | ● done |" in out and "2 of " in out
    try_answer(99.0)
    assert "● done" in said(capsys), "what was right stays done"
    verdicts = [event.verdict for event in learner_log.read(desk.parent / learner_log.FILE).events]
    assert verdicts == ["wrong:bits", "right", "wrong"]


def test_a_mistake_brings_its_card_to_the_front(desk: Path, shown: list[Any]) -> None:
    path = desk.parent / learner_log.FILE
    for number in (1, 2):
        learner_log.append(path, learner_log.Review(datetime.now(UTC), f"01-card-{number}", 4))
    review()
    assert shown[-1].card == {} and "No card is due. The next card is due in" in shown[-1].place
    try_answer(0.8112781244591328)
    review()
    assert shown[-1].card["id"] == "01-card-1" and shown[-1].place == "Card 1 of 1"


def test_a_deck_is_reviewed_to_its_end(desk: Path, shown: list[Any]) -> None:
    review()
    deck: Deck = shown[-1]
    assert deck.place == "Card 1 of 2" and "<math" in deck.card["answer"]
    first = deck.card["id"]
    deck._pressed(None, {"rate": 1, "card": first}, [])
    assert deck.card["id"] != first and "comes back in" in deck.said
    deck._pressed(None, {"rate": 3, "card": deck.card["id"]}, [])
    assert deck.card["id"] == first, "again: at the end once more"
    deck._pressed(None, {"rate": 4, "card": first}, [])
    assert deck.card == {} and deck.place.startswith("All done for now. The next card is due in")
    ratings = [
        (event.card, event.rating) for event in learner_log.read(desk.parent / learner_log.FILE).events
    ]
    assert ratings == [(first, 1), ("01-card-2", 3), (first, 4)]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"rate": 5, "card": "01-card-1"},
        {"rate": 3, "card": "01-card-2"},
        {"rate": "3", "card": "01-card-1"},
        [],
    ],
)
def test_a_message_that_does_not_fit_changes_nothing(desk: Path, shown: list[Any], message: Any) -> None:
    review()
    shown[-1]._pressed(None, message, [])
    assert shown[-1].card["id"] == "01-card-1" and not (desk.parent / learner_log.FILE).exists()


def test_all_lessons_show_new_cards_of_begun_ones_only(desk: Path, shown: list[Any]) -> None:
    other = desk.parent / "02-dice"
    shutil.copytree(desk, other)
    text = (other / "lesson.json").read_text().replace("01-", "02-")
    (other / "lesson.json").write_text(text)
    (desk.parent / "broken").mkdir()
    (desk.parent / "broken" / "lesson.json").write_text("{")
    assert [lesson.id for lesson in installed_lessons.every()] == ["01-coins", "02-coins"]
    review("all")
    assert shown[-1].place == "Card 1 of 2" and len(shown[-1].printed) == 4
    learner_log.append(
        desk.parent / learner_log.FILE, learner_log.Attempt(NOW, "02-coins", "coin-sides", "right")
    )
    review("all")
    assert shown[-1].place == "Card 1 of 4"


def test_a_review_that_cannot_be_kept_is_said(
    desk: Path, shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    review()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(learner_log, "append", full)
    shown[-1]._pressed(None, {"rate": 3, "card": "01-card-1"}, [])
    assert "could not be kept: No space left" in shown[-1].said
    try_answer(1.0)  # and a check goes on


def test_a_damaged_diary_is_said_once(
    desk: Path, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (desk.parent / learner_log.FILE).write_text("noise\n")
    review()
    assert "You start afresh" in shown[-1].said
    (desk.parent / learner_log.FILE).write_text("noise\n")
    assert "You start afresh" in said(capsys)
    assert "You start afresh" not in said(capsys)


@pytest.mark.parametrize("call", [review, progress])
def test_one_line_where_it_cannot_be(desk: Path, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotCheck) as caught:
        call("07")
    assert f'{call.__name__}("all")' in caught.value.line
    monkeypatch.chdir(desk.parent)
    with pytest.raises(CannotCheck) as caught:
        call()
    assert "lesson.json is missing" in caught.value.line


def test_the_picture_tells_each_state_in_words(desk: Path) -> None:
    lesson = installed_lessons.here()
    events = [
        learner_log.Attempt(NOW, lesson.id, "coin-entropy", "right"),
        learner_log.Attempt(NOW, lesson.id, "coin-sides", "wrong"),
    ]
    state = state_of(lesson, events, NOW)
    svg = picture([state])
    assert "lesson 1: 1 done, 1 tried, 2 untouched" in svg
    assert svg.count("<rect") == 4  # three bars, and the hatch's own


def test_the_next_step_ends_with_cards_and_then_the_next_lesson(desk: Path) -> None:
    lesson = installed_lessons.here()
    done = [learner_log.Attempt(NOW, lesson.id, id, "right") for id in lesson.exercises]
    assert "2 cards to review: run `review()`" in next_step([state_of(lesson, done, NOW)], lesson)
    reviews = [learner_log.Review(NOW, card.id, 4) for card in lesson.cards]
    rested = state_of(lesson, [*done, *reviews], NOW + timedelta(hours=1))
    assert rested.due == 0 and rested.points == rested.possible
    assert next_step([rested], lesson) == "nothing is open. Come back when cards are due."
    fresh = state_of(lesson, [], NOW)
    assert next_step([fresh], lesson).startswith("work `coin-entropy`")
    assert schedule.due(lesson.cards, [], NOW)
