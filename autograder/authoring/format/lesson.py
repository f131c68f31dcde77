"""Markdown -> LessonText: a lesson as its author wrote it, every rule of the format checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from autograder.authoring.format.cells import parse, read_text
from autograder.authoring.format.exercise import ExerciseText, read_exercise
from autograder.authoring.format.name_scopes import figure_needs
from autograder.authoring.format.structure import given_inside, lookalikes, swallowed_headings
from autograder.authoring.format.unwritten import JUPYTERS
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.parts import Parts, Term
from autograder.authoring.roles.registry import OF_EXERCISE, OF_LESSON, PROMPT, role_of
from autograder.core.errors import LessonError, Problem
from autograder.core.model import Card

_NAME = re.compile(r"^(\d\d)-[a-z0-9]+(-[a-z0-9]+)*$")

Block = Cell | ExerciseText


@dataclass(frozen=True)
class LessonText:
    """A lesson, before any of its code ran. `blocks` are its `cells`, those of an exercise as one."""

    path: Path
    id: str
    title: str
    minutes: int
    cells: tuple[Cell, ...]
    blocks: tuple[Block, ...]
    cards: tuple[Card, ...]
    terms: tuple[Term, ...] = ()

    @property
    def number(self) -> str:
        """The two digits that the file's name starts with."""
        return self.id[:2]

    @property
    def exercises(self) -> tuple[ExerciseText, ...]:
        """The lesson's exercises, in order."""
        return tuple(block for block in self.blocks if isinstance(block, ExerciseText))

    @property
    def figures(self) -> tuple[Cell, ...]:
        """The cells that end in a figure, in order."""
        return tuple(cell for cell in self.cells if role_of(cell).has_picture)


class _Front(TypedDict):
    """The front matter that the rules have passed."""

    title: str
    minutes: int


def read(path: Path, text: str | None = None) -> LessonText:
    """Read a lesson. Raises LessonError with every problem found, each as path:line and a remedy."""
    if not _NAME.fullmatch(path.stem):
        raise LessonError(
            Problem(path, 1, f"{path.name!r} is not a lesson's name", "Name it like 03-maximum-likelihood.md")
        )
    front, cells = parse(read_text(path) if text is None else text, path)
    parts = Parts()
    blocks, problems = _blocks(cells, parts)
    draft = _Draft(path, front, cells, blocks)
    problems = [
        *(problem for rule in _FRONT for problem in rule(draft)),
        *problems,
        *(problem for rule in _WHOLE for problem in rule(draft)),
    ]
    if problems:
        raise LessonError(*problems)
    known = cast(_Front, front)
    return LessonText(
        path,
        path.stem,
        known["title"],
        known["minutes"],
        tuple(cells),
        tuple(blocks),
        tuple(parts.cards),
        tuple(parts.terms),
    )


def _blocks(cells: Iterable[Cell], parts: Parts) -> tuple[list[Block], list[Problem]]:
    """The blocks that can be read, and the problems of all others."""
    blocks: list[Block] = []
    problems: list[Problem] = []
    for group in _groups(cells):
        problems += given_inside(group)
        try:
            blocks.append(_block(group, parts))
        except LessonError as error:
            problems += error.problems
    return blocks, problems


def _block(group: list[Cell], parts: Parts) -> Block:
    """One cell, or the exercise that begins with it. Raises LessonError."""
    head = group[0]
    if head.role in OF_LESSON:
        role_of(head).parse(head, parts)
        return head
    if head.role in OF_EXERCISE:
        raise LessonError(
            head.problem(
                f"a {head.role!r} cell outside an exercise",
                'Put it after its prompt, +++ {"id": "...", "points": 1, "role": "exercise"}, and'
                " before the next Markdown cell without a role.",
            )
        )
    return read_exercise([cell for cell in group if not cell.is_given], parts)


def _groups(cells: Iterable[Cell]) -> list[list[Cell]]:
    """One list a block: an exercise with the cells that are its own, any other cell alone.

    Given cells below the last cell of an exercise are no part of it; those further up are told as errors.
    """
    groups: list[list[Cell]] = []
    after: list[Cell] = []  # given cells of which it is not known yet where they belong
    for cell in cells:
        in_exercise = bool(groups) and role_of(groups[-1][0]) is PROMPT
        if in_exercise and cell.role in OF_EXERCISE:
            groups[-1] += [*after, cell]
            after = []
        elif in_exercise and cell.is_given:
            after.append(cell)
        else:
            groups += [[given] for given in after] + [[cell]]
            after = []
    return groups + [[given] for given in after]


@dataclass(frozen=True)
class _Draft:
    """A lesson that is not held against the rules yet; `blocks` are those that can be read."""

    path: Path
    front: Mapping[str, object]
    cells: list[Cell]
    blocks: list[Block]


_START = "Start the file with ---, minutes: 60, title: …, ---"


def _title(draft: _Draft) -> Iterator[Problem]:
    title, cells = draft.front.get("title"), draft.cells
    if not (isinstance(title, str) and title.strip()):
        yield Problem(draft.path, 1, "the front matter has no title", _START)
    elif not cells or cells[0].source.splitlines()[0] != f"# {title}":
        line = cells[0].line if cells else 1
        yield Problem(draft.path, line, "the lesson does not start with its title", f"Write: # {title}")


def _minutes(draft: _Draft) -> Iterator[Problem]:
    minutes = draft.front.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 1:
        yield Problem(draft.path, 1, "the front matter has no minutes", _START)


def _front_keys(draft: _Draft) -> Iterator[Problem]:
    for key in draft.front:
        if key not in ("title", "minutes"):
            remedy = "The keys are minutes and title."
            if key in JUPYTERS:
                number = draft.path.stem[:2]
                remedy = f"Jupyter wrote it. Run: autograder format {number}, which takes it out."
            yield Problem(draft.path, 1, f"unknown front matter {key!r}", remedy)


def _same_ids(draft: _Draft) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for block in draft.blocks:
        if isinstance(block, ExerciseText):
            if block.id in seen:
                words = f"the id {block.id!r} is taken (line {seen[block.id]})"
                yield block.prompt.problem(words, "Give each exercise its own id.")
            seen.setdefault(block.id, block.prompt.line)


def _unknown_exercises(draft: _Draft) -> Iterator[Problem]:
    """A cell may be `for` an exercise of the lesson alone, one that could not be read included."""
    named = {str(cell.keys.get("id")) for cell in draft.cells if role_of(cell) is PROMPT}
    read = dict.fromkeys(block.id for block in draft.blocks if isinstance(block, ExerciseText))
    for block in draft.blocks:
        if isinstance(block, Cell) and block.keys.get("for", "") not in ("", *named):
            words = f"{block.role} for an unknown exercise {block.keys['for']!r}"
            yield block.problem(words, f"The exercises are {', '.join(read) or 'none'}.")


_FRONT: tuple[Callable[[_Draft], Iterable[Problem]], ...] = (_title, _minutes, _front_keys)
_WHOLE: tuple[Callable[[_Draft], Iterable[Problem]], ...] = (
    _same_ids,
    _unknown_exercises,
    lambda draft: figure_needs(draft.cells),
    lambda draft: swallowed_headings(draft.cells),
    lambda draft: lookalikes(draft.cells),
)
"""What only shows when all cells are seen together."""
