"""Markdown -> LessonText: a lesson as its author wrote it, every rule of the format checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.format import card_ids
from autograder.authoring.format.cells import Cell, parse, read_text
from autograder.authoring.format.exercise import OWN_ROLES, ExerciseText, read_exercise
from autograder.authoring.format.glossary import Term, terms_of
from autograder.authoring.format.name_scopes import figure_needs
from autograder.authoring.format.structure import given_inside, lookalikes, swallowed_headings
from autograder.authoring.format.unwritten import JUPYTERS
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


def read(path: Path, text: str | None = None) -> LessonText:
    """Read a lesson. Raises LessonError with every problem found, each as path:line and a remedy."""
    if not _NAME.fullmatch(path.stem):
        raise LessonError(
            Problem(path, 1, f"{path.name!r} is not a lesson's name", "Name it like 03-maximum-likelihood.md")
        )
    text = read_text(path) if text is None else text
    front, cells = parse(text, path)
    problems = _front_problems(front, path, cells)
    blocks: list[Block] = []
    groups = _group(cells)
    cards: list[Card] = []
    card_lines: dict[str, int] = {}
    terms: list[Term] = []
    named: set[str] = set()  # also the ids of exercises that could not be read
    for group in groups:
        try:
            head = group[0]
            if head.role == "exercise":
                named.add(str(head.keys.get("id")))
                problems += given_inside(group)
                blocks.append(read_exercise([cell for cell in group if cell.role]))
                continue
            if head.role in OWN_ROLES:
                raise LessonError(
                    head.problem(
                        f"a {head.role!r} cell outside an exercise",
                        'Put it after its prompt, +++ {"id": "...", "points": 1, "role": "exercise"}, and'
                        " before the next Markdown cell without a role.",
                    )
                )
            if head.role == "recall":
                split_recall(head)
            if head.role == "cards":
                cards += _cards(head, card_lines)
            if head.role == "terms":
                terms += terms_of(head)
            blocks.append(head)
        except LessonError as error:
            problems += error.problems
    problems += [
        *_across(blocks, named),
        *figure_needs(cells),
        *swallowed_headings(cells),
        *lookalikes(cells),
    ]
    if problems:
        raise LessonError(*problems)
    return LessonText(
        path,
        path.stem,
        front["title"],
        front["minutes"],
        tuple(cells),
        tuple(blocks),
        tuple(cards),
        tuple(terms),
    )


def _group(cells: list[Cell]) -> list[list[Cell]]:
    """One list a block: an exercise with the cells that are its own, any other cell alone.

    Given cells below the last cell of an exercise are no part of it; those further up are told as errors.
    """
    groups: list[list[Cell]] = []
    after: list[Cell] = []  # given cells of which it is not known yet where they belong
    for cell in cells:
        in_exercise = bool(groups) and groups[-1][0].role == "exercise"
        if in_exercise and cell.role in OWN_ROLES:
            groups[-1] += [*after, cell]
            after = []
        elif in_exercise and cell.role == "" and cell.kind == "code":
            after.append(cell)
        else:
            groups += [[given] for given in after] + [[cell]]
            after = []
    return groups + [[given] for given in after]


def split_recall(cell: Cell) -> tuple[str, str]:
    """The question and the answer of a recall cell, divided by its one `---` line between blank lines."""
    lines = cell.source.splitlines()
    marks = [number for number, line in enumerate(lines) if line.strip() == "---"]
    if len(marks) != 1:
        raise LessonError(
            cell.problem(
                f"a recall cell with {'no' if not marks else len(marks)} `---` line{'s' * (len(marks) > 1)}",
                "Write the question, a blank line, ---, a blank line, and the answer.",
            )
        )
    at = marks[0]
    question, answer = "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
    if (
        not question.endswith("\n")
        or not answer.startswith("\n")
        or not question.strip()
        or not answer.strip()
    ):
        raise LessonError(
            cell.problem(
                "the `---` of a recall must stand between blank lines, a question above and an answer below",
                "Put one blank line before and one after the ---.",
                at,
            )
        )
    return question.strip(), answer.strip()


def _cards(cell: Cell, taken: dict[str, int]) -> list[Card]:
    """The cards of a cell; the ids go into `taken`, with their lines."""
    found: list[Card] = []
    for offset, line in enumerate(cell.source.splitlines()):
        if not line.strip():
            continue
        match = card_ids.LINE.match(line)
        if not match:
            raise LessonError(
                cell.problem("a card without ` :: `", "Write one card a line: question :: answer", offset)
            )
        id = card_ids.id_of(cell, offset, match, taken)
        taken[id] = cell.line + offset
        found.append(Card(id, match[1], match[2], cell.keys.get("for", ""), cell.path.stem[:2]))
    return found


def _front_problems(front: Mapping[str, Any], path: Path, cells: list[Cell]) -> list[Problem]:
    problems = []
    remedy = "Start the file with ---, minutes: 60, title: …, ---"
    if not (isinstance(front.get("title"), str) and front["title"].strip()):
        problems.append(Problem(path, 1, "the front matter has no title", remedy))
    elif not cells or cells[0].source.splitlines()[0] != f"# {front['title']}":
        line = cells[0].line if cells else 1
        problems.append(
            Problem(path, line, "the lesson does not start with its title", f"Write: # {front['title']}")
        )
    minutes = front.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < 1:
        problems.append(Problem(path, 1, "the front matter has no minutes", remedy))
    for key in front:
        if key not in ("title", "minutes"):
            remedy = "The keys are minutes and title."
            if key in JUPYTERS:
                remedy = f"Jupyter wrote it. Run: autograder format {path.stem[:2]}, which takes it out."
            problems.append(Problem(path, 1, f"unknown front matter {key!r}", remedy))
    return problems


def _across(blocks: list[Block], named: set[str]) -> list[Problem]:
    """What only shows when all blocks are seen together."""
    seen: dict[str, ExerciseText] = {}
    problems = []
    for block in blocks:
        if isinstance(block, ExerciseText):
            if block.id in seen:
                first = seen[block.id].prompt.line
                problems.append(
                    block.prompt.problem(
                        f"the id {block.id!r} is taken (line {first})", "Give each exercise its own id."
                    )
                )
            seen.setdefault(block.id, block)
    for block in blocks:
        if (
            isinstance(block, Cell)
            and block.role == "cards"
            and block.keys.get("for", "") not in ("", *named)
        ):
            problems.append(
                block.problem(
                    f"cards for an unknown exercise {block.keys['for']!r}",
                    f"The exercises are {', '.join(seen) or 'none'}.",
                )
            )
    return problems
