"""Flashcards for Anki: an .apkg a lesson and one for the whole course, made so that a new import updates.

What Anki knows a card by is derived from the course's id and the card's own, and from nothing else: two
courses never share one, and a card keeps it when it is edited, moved in its lesson, or moved to another.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import genanki

from autograder.core.model import Card, Lesson
from autograder.course.course_toml import Course
from autograder.rendering.inline_markdown import to_html

FRONT, BACK = "Question", "Answer"
_STYLE = ".card { font: 20px/1.5 Georgia, serif; text-align: left; max-width: 38rem; margin: 1rem auto; }"


FIRST = "generative-models"
"""The course whose decks were given out before courses had ids; the numbers in those must stay."""


def write(course: Course, lessons: Sequence[Lesson], to: Path) -> int:
    """Write cards as a package for Anki, one deck a lesson below the course's.

    Importing a newer package changes cards and keeps what Anki knows of the learner.

    Args:
        course: its title is the deck above; its id makes the cards' own ids.
        lessons: those whose cards are wanted.
        to: the .apkg file to write.

    Returns:
        The number of cards.
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


def _deck(course: Course, lesson: Lesson) -> genanki.Deck:
    title = f"{course.title}::{lesson.id[:2]} {lesson.title}"
    deck = genanki.Deck(_number(course, f"deck {lesson.id}"), title)
    for card in lesson.cards:
        deck.add_note(_note(course, card, lesson.id))
    return deck


def _note(course: Course, card: Card, lesson: str) -> genanki.Note:
    model = genanki.Model(
        _number(course, "model question and answer"),
        f"Question and answer ({course.id.replace('-', ' ')})",
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
    return genanki.Note(model=model, fields=fields, guid=genanki.guid_for(card.id, course.id), tags=tags)


def _number(course: Course, name: str) -> int:
    """A number that Anki takes for the id of a deck or a kind of note, the same on every machine."""
    whole = name if course.id == FIRST else f"{course.id} {name}"
    return int.from_bytes(hashlib.blake2b(whole.encode(), digest_size=4).digest(), "big") % 2**30 + 2**30
