"""The words that a lesson introduces, one `word :: meaning` a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, folded
from autograder.authoring.roles.parts import Parts, Term
from autograder.core.errors import LessonError

NAME = "terms"
LINE = re.compile(r"^(\S.*?) :: (\S.*)$")
"""A term's line: word, meaning."""


def parse(cell: Cell, parts: Parts) -> None:
    """Add the cell's terms to the lesson's. Raises LessonError with the line that is none."""
    parts.terms += terms_of(cell)


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """The words and their meanings, folded away."""
    lines = "\n".join(f"- **{term.word}**: {term.meaning}" for term in terms_of(cell))
    notebook.markdown(notebook.numbered(NAME), folded("Words of this lesson", lines))


def terms_of(cell: Cell) -> tuple[Term, ...]:
    """The words of a terms cell. Raises LessonError with the line that is none."""
    found = []
    for offset, line in enumerate(cell.source.splitlines()):
        if not line.strip():
            continue
        match = LINE.match(line)
        if not match:
            raise LessonError(
                cell.problem("a term without ` :: `", "Write one term a line: word :: meaning", offset)
            )
        found.append(Term(match[1], match[2]))
    return tuple(found)


def terms_in(cells: Iterable[Cell]) -> Iterator[tuple[Cell, Term]]:
    """Each term of a lesson with the cell in which it stands."""
    for cell in cells:
        if cell.role == NAME:
            yield from ((cell, term) for term in terms_of(cell))
