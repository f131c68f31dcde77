"""One submission -> its feedback page: a single HTML file without scripts, addresses or tests in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from autograder.classroom.feedback.lesson_notes import Note, Notes, ShownCard
from autograder.core.messages import MARKS, which_of
from autograder.core.slips import BY_WORD, name_of
from autograder.core.verdict import Kind
from autograder.grading.gradebook.autograded_answers import Answer, Output
from autograder.grading.gradebook.submission_marks import Mark, NotebookMarks, Submission
from autograder.rendering import block_markdown, untrusted_text
from autograder.rendering.formula_html import formula_style

if TYPE_CHECKING:
    import jinja2

LARGEST = 58_000
"""Bytes that a page may have without pictures; what a learner wrote is cut to what the notes leave of it."""
ROOM = (4_000, 16_000)
"""The least and the most that a learner's own words get of it."""
_FRAME, _ITEM = 7_600, 900  # bytes of the empty page, and of an exercise without words

_OUTCOMES = {
    "right": (MARKS[Kind.RIGHT], "right"),
    "wrong": (MARKS[Kind.WRONG], "not right yet"),
    "blank": (MARKS[Kind.NOT_ATTEMPTED], "not attempted"),
    "error": (MARKS[Kind.WRONG], "stopped with an error"),
    "part": ("◐", "right in part"),
    "person": ("●", "marked by a person"),
    "waits": ("◌", "a person still has to look"),
}
_HELD_BACK = (
    "The check passed, but a test that is held back did not. Try your code on other inputs: the smallest, the"
    " largest, zeros, and values that are equal."
)
_UNKNOWN = "Compare each step with the text of the lesson"
_STOPPED = {
    "KeyboardInterrupt": "It took longer than a cell may.",
    "CellTimeoutError": "It took longer than a cell may.",
    "DeadKernelError": "It ended Python itself, so nothing after it could run.",
}


@dataclass(frozen=True)
class PageItem:
    """One graded cell on the page. `helped`: hints are shown."""

    anchor: str
    name: str
    state: str
    points: str
    answers: tuple[str, ...]
    outputs: tuple[Output, ...]
    idea: str
    mend: str
    comments: tuple[str, ...]
    note: Note | None
    helped: bool

    @property
    def sign(self) -> str:
        """The outcome as a sign, beside the words."""
        return _OUTCOMES[self.state][0]

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        return _OUTCOMES[self.state][1]


@dataclass(frozen=True)
class Page:
    """The contents of a page, as text and numbers for its template."""

    title: str
    who: str
    id: str
    points: str
    most: str
    remarks: tuple[str, ...]
    items: tuple[PageItem, ...]
    cards: tuple[ShownCard, ...]


def page_of(submission: Submission, notebook: str, answers: Sequence[Answer], notes: Notes) -> Page:
    """Make the page of one notebook of a submission.

    Args:
        submission: The student's marks.
        notebook: The notebook's name.
        answers: Its graded cells, as they were autograded.
        notes: What the course has to say of each exercise.

    Returns:
        The page; what a learner wrote is cut so that the page stays below LARGEST bytes.
    """
    marks = submission.notebooks.get(notebook, NotebookMarks())
    left = LARGEST - _FRAME - _ITEM * len(answers) - notes.size
    room = min(max(left, ROOM[0]), ROOM[1]) // max(1, len(answers))
    items = tuple(
        _item(number, answer, marks, notes, room)
        for number, answer in enumerate(answers, 1)
        if answer.name in marks.marks
    )
    cards = [card for item in items if item.note and item.helped for card in item.note.cards]
    earned = sum(mark.score for mark in marks.marks.values())
    return Page(
        title=notes.title
        if notebook == notes.title or len(submission.notebooks) < 2
        else f"{notes.title}: {notebook}",
        who=submission.person.name,
        id=untrusted_text.name(submission.person.id),
        points=_number(max(0.0, earned - marks.penalty)),
        most=_number(sum(mark.most for mark in marks.marks.values())),
        remarks=tuple(_remarks(submission, marks, earned)),
        items=items,
        cards=tuple(dict.fromkeys(cards)),
    )


def render(page: Page) -> str:
    """The page as HTML."""
    return str(_template().render(page=page))


@cache
def _template() -> jinja2.Template:
    import jinja2

    files = resources.files("autograder.classroom.feedback")
    style = files.joinpath("feedback.css").read_text(encoding="utf-8") + formula_style()
    # Only this style may apply: none that a learner might smuggle in, were escaping ever to fail.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    made = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.tests["wide"] = block_markdown.is_wide
    made.globals.update(style=Markup(style), style_hash=Markup(f"sha256-{digest}"))
    return made.from_string(files.joinpath("feedback.html.j2").read_text(encoding="utf-8"))


def _item(number: int, answer: Answer, marks: NotebookMarks, notes: Notes, room: int) -> PageItem:
    mark = marks.marks[answer.name]
    state = _state(answer, mark)
    note = notes.by_exercise.get(answer.name)
    idea, mend = _mend(answer, note, state)
    share = room // max(1, len(answer.sources) + len(answer.outputs))
    return PageItem(
        anchor=f"exercise-{number}",
        name=untrusted_text.shown(answer.name, 200),
        state=state,
        points=f"{_number(mark.score)} of {_number(mark.most)}",
        answers=tuple(shown for one in answer.sources if (shown := untrusted_text.shown(one, share)).strip()),
        outputs=tuple(_cut(one, share) for one in answer.outputs),
        idea=idea,
        mend=untrusted_text.shown(mend, 1200),
        comments=tuple(
            untrusted_text.shown(marks.comments[name], 2000)
            for name in dict.fromkeys((*answer.cells, answer.name))
            if name in marks.comments
        ),
        note=note,
        helped=state in ("wrong", "blank", "error", "part"),
    )


def _cut(output: Output, room: int) -> Output:
    return output if output.picture else Output(untrusted_text.shown(output.text, room))


def _state(answer: Answer, mark: Mark) -> str:
    if mark.waits:
        return "waits"
    if answer.verdict is None or mark.manual:
        return "person"
    if answer.verdict.kind is Kind.NOT_ATTEMPTED:
        return "blank"
    if answer.verdict.kind is Kind.RIGHT:
        return "right" if mark.score >= mark.most else "part" if mark.score > 0 else "wrong"
    return "error" if answer.verdict.kind is Kind.ERROR else "wrong"


def _mend(answer: Answer, note: Note | None, state: str) -> tuple[str, str]:
    """The name of the idea that went wrong, '' where it is not known, and the words on it."""
    if answer.verdict is None:
        return "", ""
    if answer.verdict.kind is Kind.ERROR:
        name = answer.error.partition(":")[0]
        return (
            "",
            f"{answer.error}\n{_STOPPED.get(name, 'Your cell has to run before its answer can count.')}",
        )
    if answer.verdict.kind is not Kind.WRONG or state == "right":
        return "", ""
    idea = answer.verdict.idea
    feedback = note.feedback if note else {}
    which = which_of(answer.said)
    if idea in feedback:
        return idea, f"{which[:1].upper()}{which[1:]}{feedback[idea]}"
    if idea in BY_WORD:
        return name_of(idea), f"{answer.said[:1].upper()}{answer.said[1:]}"
    if not answer.said:  # the check itself found nothing
        return "", _HELD_BACK if note else "A test of this answer failed."
    return "", f"{which[:1].upper()}{which[1:]}{_UNKNOWN}{_below(note)}."


def _below(note: Note | None) -> str:
    """What the page has on an exercise, further down, for somebody whose idea nobody knows."""
    if note and note.hints:
        return "; a hint is below" if len(note.hints) == 1 else "; hints are below"
    return "; the worked solution is below" if note and note.worked else ""


def _remarks(submission: Submission, marks: NotebookMarks, earned: float) -> Iterator[str]:
    if submission.late > 0:
        words = f"Handed in {timedelta(seconds=round(submission.late))} late"
        if marks.penalty:
            yield f"{words}: {_number(marks.penalty)} of {_number(earned)} points were taken off."
        else:
            yield f"{words}; no points were taken off."
    waiting = sum(mark.waits for mark in marks.marks.values())
    if waiting:
        yield f"A person still has to look at {waiting} of these answers, so the points may change."


def _number(value: float) -> str:
    return f"{round(value, 4):g}"
