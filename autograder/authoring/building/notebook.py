"""LessonText and its values -> the instructor's notebook. Every cell id comes from lesson, role and index."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autograder.authoring.building import setup_cell
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format.cells import Cell
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.glossary import Term, terms_of
from autograder.authoring.format.lesson import LessonText, split_recall
from autograder.core.kinds.registry import form_of
from autograder.core.lazy_imports import lean_nbformat
from autograder.core.model import Card

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode
from autograder.authoring.evaluation.prepare import Picture
from autograder.core.python_literals import number

NOT_GRADED = "not-graded"
"""nbgrader_config.py names this tag: such cells are not run when grading."""
REVIEW = """\
# The cards that are due, one by one: Enter turns a card over, 1 to 4 say how well you knew it.
# review("all") takes those of all lessons that you have begun.
from autograder import review

review()"""
PROGRESS = """\
# What is done, what is due, and what comes next; progress("all") shows all lessons.
from autograder import progress

progress()"""


def notebook_of(
    lesson: LessonText,
    evaluated: Iterable[Evaluated],
    pictures: Iterable[Picture],
    worked_open: bool,
    repository: str = "",
) -> NotebookNode:
    """The instructor's notebook: solutions and hidden tests in it, proofs and mistakes not.

    `pictures` are the figures' pictures in order, shown where no kernel runs. With `worked_open` the
    worked solutions are in the notebook, else they are left out. Colab finds the course in `repository`.
    """
    desk = _Desk(lesson)
    values = {one.text.id: one for one in evaluated}
    shown = iter(pictures)
    cards = iter(lesson.cards)
    for block in lesson.blocks:
        if not desk.is_set_up and not (isinstance(block, Cell) and block.kind == "markdown"):
            desk.set_up(setup_cell.source(lesson.id, repository))
        if isinstance(block, ExerciseText):
            desk.exercise(block, values[block.id], worked_open)
        elif block.role == "cards":
            count = sum(1 for line in block.source.splitlines() if line.strip())
            desk.cards([next(cards) for _ in range(count)])
            if desk.shown_cards == len(lesson.cards):
                desk.review()
        elif block.role == "terms":
            desk.terms(terms_of(block))
        elif block.role == "figure":
            desk.figure(block, next(shown))
        else:
            desk.plain(block)
    if lesson.exercises:
        desk.progress()
    nbformat = lean_nbformat()
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=desk.made)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        }
    )
    notebook.nbformat_minor = 5
    return notebook


class _Desk:
    """Where a notebook's cells are made, one method for each kind of block."""

    def __init__(self, lesson: LessonText):
        self.lesson = lesson
        self.made: list[NotebookNode] = []
        self.counts: Counter[str] = Counter()
        self.shown_cards = 0
        self.is_set_up = False

    def _add(self, kind: str, id: str, source: str, **metadata: Any) -> NotebookNode:
        nbformat = lean_nbformat()
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
        cell = make(source, id=f"{self.lesson.number}-{id}"[:64], metadata=nbformat.from_dict(metadata))
        self.made.append(cell)
        return cell

    def _next(self, role: str) -> int:
        self.counts[role] += 1
        return self.counts[role]

    def set_up(self, source: str) -> None:
        """The cell before the first that needs a kernel."""
        self._add("code", "setup", source, jupyter={"source_hidden": True}, tags=["hide-input", NOT_GRADED])
        self.is_set_up = True

    def plain(self, cell: Cell) -> None:
        """Reading, objectives, a recall question, or a given cell."""
        if cell.kind == "code":
            name = f"given-{self._next('given')}"
            self._add("code", name, cell.source, **_grader(f"{self.lesson.number}-{name}", locked=True))
        elif cell.role == "recall":
            number = self._next("recall")
            question, answer = split_recall(cell)
            text = f"**Question {number}.** {question}\n\n{details(f'Answer to question {number}', answer)}"
            self._add("markdown", f"recall-{number}", text)
        elif cell.role == "objectives":
            text = f"**After this lesson you can**\n\n{cell.source}\n\n*About {self.lesson.minutes} minutes.*"
            self._add("markdown", f"objectives-{self._next('objectives')}", text)
        else:
            self._add("markdown", f"reading-{self._next('reading')}", cell.source)

    def figure(self, cell: Cell, picture: Picture) -> None:
        """A figure: its code folded away, its picture as output until a kernel draws it anew."""
        made = self._add(
            "code",
            f"figure-{self._next('figure')}",
            cell.source,
            jupyter={"source_hidden": True},
            tags=["figure", "hide-input", NOT_GRADED],
        )
        png, text = picture
        image = {"image/png": base64.b64encode(png).decode(), "text/plain": text}
        words = f"*{text} Run this cell to move the sliders.*"
        # JupyterLab shows no alternative of a stored image, so the words stand below it.
        nbformat = lean_nbformat()
        made.outputs = [
            nbformat.v4.new_output("display_data", image, metadata={"image/png": {"alt": text}}),
            nbformat.v4.new_output("display_data", {"text/markdown": words, "text/plain": words}),
        ]

    def exercise(self, text: ExerciseText, values: Evaluated, worked_open: bool) -> None:
        """An exercise: prompt, the cell to fill in, the grade cell, the worked solution."""
        self._add("markdown", f"{text.id}-prompt", f"{text.prompt.source}\n\n{_about(text)}")
        self._add(
            "code", f"{text.id}-answer", text.solution.source, **_grader(f"{text.id}-answer", solution=True)
        )
        # The tag lets "Run All" go on past an answer that is not right yet.
        self._add(
            "code",
            f"{text.id}-check",
            grade_source(text, values),
            **_grader(text.id, grade=True, locked=True, points=text.points),
            tags=["raises-exception"],
        )
        if worked_open and text.worked:
            body = "\n\n".join(cell.source for cell in text.worked)
            self._add("markdown", f"{text.id}-worked", details("Check your work", body))

    def cards(self, cards: list[Card]) -> None:
        """Flashcards, each a question that a click opens."""
        self.shown_cards += len(cards)
        texts = [details(card.question, card.answer) for card in cards]
        self._add("markdown", f"cards-{self._next('cards')}", "\n\n".join(texts))

    def review(self) -> None:
        """The deck of the cards that are due."""
        self._add("code", "review", REVIEW, tags=[NOT_GRADED])

    def progress(self) -> None:
        """What is done and what comes next, at the notebook's end."""
        self._add("code", "progress", PROGRESS, tags=[NOT_GRADED])

    def terms(self, terms: Iterable[Term]) -> None:
        """The words that the lesson introduces."""
        lines = "\n".join(f"- **{term.word}**: {term.meaning}" for term in terms)
        self._add("markdown", f"terms-{self._next('terms')}", details("Words of this lesson", lines))


def details(summary: str, body: str) -> str:
    """A block that a click opens. The blank lines let math and Markdown in `body` render everywhere."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def _about(text: ExerciseText) -> str:
    points = f"{text.points:g} point{'' if text.points == 1 else 's'}"
    parts = [f"`{text.id}`", points]
    if text.optional:
        parts.append("optional")
    if text.unit and text.unit != "-":
        parts.append(f"answer in {html.escape(text.unit)}")
    if text.options:
        parts.append("one of " + ", ".join(f'`"{option}"`' for option in text.options))
    if text.hints:
        parts.append(f'stuck? run `hint("{text.id}")` in a new cell')
    return "*" + " · ".join(parts) + "*"


def _grader(id: str, **keys: Any) -> dict[str, Any]:
    """nbgrader's cell metadata."""
    base = {
        "grade": False,
        "grade_id": id,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return {"nbgrader": {**base, **keys}}


def grade_source(text: ExerciseText, values: Evaluated) -> str:
    """The grade cell: the visible check, and below it the hidden asserts against the references."""
    call = ", ".join(f"{name}={name}" for name in text.names)
    visible = f'check("{text.id}", {call})'
    if text.answers:
        visible = f"{text.answers.source}\n\n{visible}"
    hidden = ["from autograder.core.values import same"]
    for name in text.names:
        form = form_of(values.references[name])
        within = f", within={number(text.tolerances[name])}" if form.needs_tolerance else ""
        hidden.append(f"assert same({name}, {form.literal(values.references[name])}{within})")
    hidden += [cell.source for cell in text.tests]
    return "\n".join([visible, "### BEGIN HIDDEN TESTS", *hidden, "### END HIDDEN TESTS"])
