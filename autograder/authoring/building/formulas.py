"""The formulas of a lesson, wherever a reader meets one, each with its cell and its line there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from autograder.authoring.evaluation.prepare import Picture
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import FormulaError, Problem
from autograder.rendering import latex_words
from autograder.rendering.mathml import element

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_COMMAND = "|".join(
    sorted(word[1:] for word in latex_words.KNOWN | set(latex_words.INSTEAD) if word[1:].isalpha())
)
_LATEX = re.compile(rf"\\(?:{_COMMAND})(?![a-zA-Z])|\$[^$]*[\\^_{{][^$]*\$")
"""What only LaTeX looks like, in words that are no code: its commands, and such signs between dollars."""
_DISPLAYED = ("math_block", "math_block_label", "math_inline_double")


@dataclass(frozen=True)
class Formula:
    """A formula, its first line counted from that of its cell."""

    latex: str
    display: bool
    cell: Cell
    offset: int


def problems(lesson: LessonText, pictures: Iterable[Picture]) -> tuple[list[Problem], int]:
    """Formulas that cannot be shown, and LaTeX where it is no formula; how many formulas were converted."""
    found: list[Problem] = []
    count = 0
    for cell in lesson.cells:
        if cell.kind == "markdown":
            for item in _in_markdown(cell):
                if isinstance(item, Problem):
                    found.append(item)
                    continue
                count += 1
                found += _converted(item)
    for exercise in lesson.exercises:
        for formula in _of_unit(exercise):
            count += 1
            found += _converted(formula)
    found += _plain_words(lesson, pictures)
    return sorted(found, key=lambda one: one.line), count


def formulas(lesson: LessonText) -> Iterator[Formula]:
    """Every formula of a lesson's Markdown, in order."""
    for cell in lesson.cells:
        if cell.kind == "markdown":
            yield from (item for item in _in_markdown(cell) if isinstance(item, Formula))


def _converted(formula: Formula) -> list[Problem]:
    try:
        element(formula.latex, "block" if formula.display else "inline")
    except FormulaError as error:
        return [formula.cell.problem(_told(error), error.remedy, formula.offset + error.line)]
    return []


def _told(error: FormulaError) -> str:
    return f"a formula cannot be shown: {error.problem}"


def _in_markdown(cell: Cell) -> Iterator[Formula | Problem]:
    """The formulas of a Markdown cell, and problems for LaTeX outside of one."""
    if role_of(cell).one_line_each:  # each is typeset by itself
        for offset, line in enumerate(cell.source.splitlines()):
            yield from _in_line(cell, _parser().parseInline(line), offset)
        return
    yield from _in_line(cell, _parser().parse(cell.source), 0)


def _in_line(cell: Cell, tokens: Iterable[Token], first: int) -> Iterator[Formula | Problem]:
    start = first
    for token in tokens:
        if token.map:
            start = first + token.map[0]
        if token.type in _DISPLAYED:
            yield Formula(token.content, True, cell, start)
        elif token.type == "html_block":
            yield from _outside(cell, token.content, start)
        elif token.type == "inline":
            yield from _children(cell, token, start)


def _children(cell: Cell, inline: Token, start: int) -> Iterator[Formula | Problem]:
    """The formulas within a paragraph; their lines are found by reading on in its text."""
    at = 0
    for child in inline.children or ():
        if not child.content:
            continue
        place = inline.content.find(child.content, at)
        here = start + inline.content.count("\n", 0, max(place, at))
        if child.type in ("math_inline", *_DISPLAYED):
            yield Formula(child.content, child.type != "math_inline", cell, here)
        elif child.type == "text":
            yield from _outside(cell, child.content, here)
        if place >= 0:
            at = place + len(child.content)


def _outside(cell: Cell, words: str, offset: int) -> Iterator[Problem]:
    for index, line in enumerate(words.splitlines()):
        if match := _LATEX.search(line):
            yield cell.problem(
                f"{match[0]} stands outside of a formula",
                "Put the formula between $ signs (or $$ on lines of their own); is one of them missing?",
                offset + index,
            )


def _of_unit(exercise: ExerciseText) -> Iterator[Formula]:
    """An exercise's unit is shown below its prompt, as Markdown."""
    for token in _parser().parseInline(exercise.unit):
        for child in token.children or ():
            if child.type in ("math_inline", *_DISPLAYED):
                yield Formula(child.content, child.type != "math_inline", exercise.prompt, -1)


def _plain_words(lesson: LessonText, pictures: Iterable[Picture]) -> Iterator[Problem]:
    """LaTeX in sentences that are shown as they are: feedback, titles, tests' messages, pictures' words."""
    remedy = "This sentence is shown as plain text: say it in words, or with signs such as π, ² and √."
    if _LATEX.search(lesson.title):
        yield Problem(lesson.path, 1, "the title holds a formula", remedy)
    for exercise in lesson.exercises:
        for mistake in exercise.mistakes:
            if _LATEX.search(mistake.feedback):
                yield Problem(
                    lesson.path, mistake.line, f"the feedback of {mistake.slug!r} holds a formula", remedy
                )
        for cell in exercise.tests:
            for line in _messages(cell.source):
                yield cell.problem("the message of this test holds a formula", remedy, line - 1)
    for cell, (_, words) in zip(lesson.figures, pictures, strict=False):
        if _LATEX.search(words):
            yield cell.problem("this figure's text alternative holds a formula", remedy)


def _messages(code: str) -> Iterator[int]:
    """The lines of asserts whose message holds LaTeX."""
    for node in ast.walk(ast.parse(code)):
        message = node.msg if isinstance(node, ast.Assert) else None
        if isinstance(message, ast.Constant) and _LATEX.search(str(message.value)):
            yield message.lineno


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, double_inline=True)
