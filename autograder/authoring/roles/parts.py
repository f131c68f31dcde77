"""What a lesson's cells define for the lesson as a whole, gathered while its cells are read in order."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.core.model import Card


@dataclass(frozen=True)
class Term:
    """A word that a lesson introduces, and what it means there, in a sentence or two."""

    word: str
    meaning: str


@dataclass
class Parts:
    """Flashcards and terms of the cells read so far; `card_lines` are the lines of the cards, by id."""

    cards: list[Card] = field(default_factory=list)
    card_lines: dict[str, int] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
