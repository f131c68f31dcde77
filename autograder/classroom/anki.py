"""Flashcards for Anki: an .apkg a lesson and one for the whole course, made so that a new import updates."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import genanki

from autograder.core.exercise import Card, Lesson
from autograder.study.typeset import to_html

FRONT, BACK = "Question", "Answer"
_STYLE = ".card { font: 20px/1.5 Georgia, serif; text-align: left; max-width: 38rem; margin: 1rem auto; }"


def write(course: str, lessons: Sequence[Lesson], to: Path) -> int:
    """Write the cards of `lessons` as a package of one deck a lesson; returns how many there are.

    `course` is the deck above them. Every id is derived from the card's own, so that importing a newer
    package changes cards and keeps what Anki knows of the learner.
    """
    decks = [_deck(course, lesson) for lesson in lessons]
    handle, name = tempfile.mkstemp(prefix=f".{to.name}.", dir=to.parent)
    os.close(handle)
    try:
        genanki.Package(decks).write_to_file(name)
        Path(name).chmod(0o644)
        os.replace(name, to)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return sum(len(lesson.cards) for lesson in lessons)


def _deck(course: str, lesson: Lesson) -> genanki.Deck:
    title = f"{course}::{lesson.id[:2]} {lesson.title}"
    deck = genanki.Deck(_id(f"deck {lesson.id}"), title)
    for card in lesson.cards:
        deck.add_note(_note(card, lesson.id))
    return deck


def _note(card: Card, lesson: str) -> genanki.Note:
    model = genanki.Model(
        _id("model question and answer"),
        "Question and answer (generative models)",
        fields=[{"name": FRONT}, {"name": BACK}],
        templates=[
            {
                "name": "Recall",
                "qfmt": f"{{{{{FRONT}}}}}",
                "afmt": f"{{{{FrontSide}}}}<hr id=answer>{{{{{BACK}}}}}",
            }
        ],
        css=_STYLE,
    )
    fields = [to_html(side, math="tex") for side in (card.question, card.answer)]
    tags = [f"lesson-{lesson[:2]}", *([card.exercise] if card.exercise else [])]
    return genanki.Note(
        model=model, fields=fields, guid=genanki.guid_for(card.id, "generative-models"), tags=tags
    )


def _id(name: str) -> int:
    """A number that Anki takes for an id, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big") % 2**30 + 2**30
