"""Flashcards, one `question :: answer {#id}` a line; `{"for": "kl-forward"}` ties a cell's to an exercise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, folded
from autograder.authoring.roles.parts import Parts
from autograder.core.cell_tags import NOT_GRADED
from autograder.core.errors import LessonError
from autograder.core.model import Card

NAME = "cards"
LINE = re.compile(r"^(\S.*?) :: (\S.*?)(?:\s*\{#([^{}\s]*)\})?\s*$")
"""A card's line: question, answer, id."""
REVIEW = """\
# The cards that are due, one by one: Enter turns a card over, 1 to 4 say how well you knew it.
# review("all") takes those of all lessons that you have begun.
from autograder import review

review()"""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def parse(cell: Cell, parts: Parts) -> None:
    """Add the cell's cards to the lesson's. Raises LessonError with the line that is none."""
    for offset, line in enumerate(cell.source.splitlines()):
        if not line.strip():
            continue
        match = LINE.match(line)
        if not match:
            raise LessonError(
                cell.problem("a card without ` :: `", "Write one card a line: question :: answer", offset)
            )
        id = _id_of(cell, offset, match, parts.card_lines)
        parts.card_lines[id] = cell.line + offset
        exercise = str(cell.keys.get("for", ""))
        parts.cards.append(Card(id, match[1], match[2], exercise, cell.path.stem[:2]))


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """The cards, each a question that a click opens; below the last ones, the deck of those that are due."""
    texts = [folded(match[1], match[2]) for _, _, match in lines([cell])]
    notebook.markdown(notebook.numbered(NAME), "\n\n".join(texts))
    if notebook.is_last(NAME):
        notebook.code("review", REVIEW, {"tags": [NOT_GRADED]})


def lines(cells: Iterable[Cell]) -> Iterator[tuple[Cell, int, re.Match[str]]]:
    """(cell, offset of the line, match of `LINE`) for each card in a lesson's cells."""
    for cell in cells:
        for offset, line in enumerate(cell.source.splitlines()) if cell.role == NAME else ():
            if match := LINE.match(line):
                yield cell, offset, match


def first_id(lesson: str, question: str) -> str:
    """The id of a card whose line names none yet."""
    return hashlib.blake2b(f"{lesson}\0{question}".encode(), digest_size=5).hexdigest()


def _id_of(cell: Cell, offset: int, match: re.Match[str], taken: Mapping[str, int]) -> str:
    """The id of a card in `cell`; `taken` holds the line of each id before it. Raises LessonError."""
    id = match[3] if match[3] is not None else first_id(cell.path.stem, match[1])
    if not _ID.fullmatch(id):
        remedy = (
            "Write small letters, digits and hyphens: {#what-kl-is}; or nothing, and run autograder format."
        )
        raise LessonError(cell.problem(f"{id!r} is no id of a card", remedy, offset))
    if id in taken:
        remedy = "A card that was copied needs an id of its own: delete {#…} there and run autograder format."
        raise LessonError(
            cell.problem(f"the id {id!r} is another card's as well (line {taken[id]})", remedy, offset)
        )
    return id
