"""The deck of flashcards in a notebook: a widget that shows a card and writes each review into the log."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path

import anywidget
import traitlets

from autograder.core.messages import duration_in_words
from autograder.core.model import Card
from autograder.rendering.formula_html import font_face, formula_style
from autograder.rendering.inline_markdown import to_html
from autograder.study import learner_log, schedule

FORMULAS = font_face() + formula_style()


class Deck(anywidget.AnyWidget):
    """`cards` in the order they are to be shown; those rated "again" come back at the end.

    `turn` counts up with every change that the page must show; `card` is {} once all are done.
    """

    _esm = resources.files("autograder.study").joinpath("deck.js").read_text(encoding="utf-8")
    _css = FORMULAS + resources.files("autograder.study").joinpath("deck.css").read_text(encoding="utf-8")
    title = traitlets.Unicode().tag(sync=True)
    title_html = traitlets.Unicode().tag(sync=True)
    card = traitlets.Dict().tag(sync=True)
    place = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    font = traitlets.Unicode(FORMULAS).tag(sync=True)
    printed: traitlets.List[dict[str, str]] = traitlets.List().tag(sync=True)
    turn = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        title: str,
        cards: Sequence[Card],
        every: Sequence[Card],
        path: Path,
        now: Callable[[], datetime],
        said: str = "",
    ):
        self._waiting = list(cards)
        self._every = list(every)
        self._path = path
        self._now = now
        self._done = 0
        super().__init__(title=title, title_html=html.escape(title), said=said)
        self.printed = [_shown(card) for card in every]
        self._show()
        self.on_msg(self._pressed)

    def _show(self) -> None:
        with self.hold_sync():
            if self._waiting:
                self.card = _shown(self._waiting[0])
                self.place = f"Card {self._done + 1} of {self._done + len(self._waiting)}"
            else:
                self.card = {}
                self.place = self._finished()
            self.turn += 1

    def _finished(self) -> str:
        events = learner_log.read(self._path).events
        waits = [one.due for one in schedule.standings(self._every, events) if one.due is not None]
        lead = "All done for now." if self._done else "No card is due."
        if not waits:
            return lead
        return f"{lead} The next card is due in {duration_in_words(min(waits) - self._now())}."

    def _pressed(self, _: object, content: object, __: object) -> None:
        """A key or button: {"rate": 1 to 4, "card": id}. What does not fit the card on top is passed over."""
        pressed: dict[str, object] = content if isinstance(content, dict) else {}
        rating = pressed.get("rate")
        if type(rating) is not int or not 1 <= rating <= 4:
            return
        if not self._waiting or pressed.get("card") != self._waiting[0].id:
            return
        card, at = self._waiting.pop(0), self._now()
        try:
            learner_log.append(self._path, learner_log.Review(at, card.id, rating))
        except OSError as error:
            self.said = f"This review could not be kept: {error.strerror} ({self._path})."
        else:
            found = schedule.next_due(card, learner_log.read(self._path).events)
            self.said = f"The last card comes back in {duration_in_words(found - at)}." if found else ""
        self._done += 1
        if rating == 1:
            self._waiting.append(card)
        self._show()


def _shown(card: Card) -> dict[str, str]:
    return {"id": card.id, "question": to_html(card.question), "answer": to_html(card.answer)}
