"""Where a lesson gives an answer away: numbers in its words that are a reference value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from autograder.authoring.checks.given_numbers import Inputs, Reference
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.evaluation.prepare import Picture
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.format.solution_stub import stub_of
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import Problem
from autograder.core.values import form_of, leaves, near

_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+|\.\d+|\d+)(?:e[-+]?\d+)?(?!\.?\d)")
SIGNIFICANT = 4
"""A reference value with this many significant digits is nowhere before its own worked solution."""


def references(evaluated: Iterable[Evaluated]) -> list[Reference]:
    """Every finite number among the answers."""
    found = []
    for one in evaluated:
        for name, value in one.references.items():
            for leaf in leaves(value, form_of(value)):
                if isinstance(leaf, int | float) and not isinstance(leaf, bool) and abs(leaf) < 1e15:
                    found.append(Reference(one.text.id, abs(float(leaf)), one.text.tolerances[name]))
    return found


def in_hints_and_feedback(lesson: LessonText, evaluated: Iterable[Evaluated]) -> tuple[list[Problem], int]:
    """Answers in hints and feedback, and how many sentences were read."""
    known = list(evaluated)
    told = references(known)
    inputs = Inputs(lesson, known)
    problems, count = [], 0
    for one in known:
        words = [(cell, 0, cell.source) for cell in one.text.hints]
        words += [(one.text.prompt, m.line - one.text.prompt.line, m.feedback) for m in one.text.mistakes]
        for cell, offset, text in words:
            count += 1
            kind = "feedback" if cell is one.text.prompt else "hint"
            for line, token in _numbers(text if kind == "hint" else text.replace("\n", " ")):
                own = [r for r in told if r.exercise == one.text.id and _is_own(token, r)]
                if own or inputs.spoils(token, [r for r in told if _spoils(token, r)], own=one.text.id):
                    problems.append(
                        cell.problem(
                            f"this {kind} of {one.text.id!r} gives an answer away: {token}",
                            "Name the idea, not the number.",
                            offset + line,
                        )
                    )
    return problems, count


def in_the_text(
    lesson: LessonText, evaluated: Iterable[Evaluated], pictures: Iterable[Picture]
) -> tuple[list[Problem], int]:
    """References with four or more significant digits, in code or before the own worked solution."""
    known = list(evaluated)
    inputs = Inputs(lesson, known)
    told = [r for r in references(known) if _digits(f"{r.value:.12f}".rstrip("0")) >= SIGNIFICANT]
    closed = {r.exercise for r in told}
    problems = []
    shown = iter(pictures)
    for cell, text, opens in _passages(lesson, shown):
        closed -= {opens}
        hidden = told if cell.kind == "code" else [r for r in told if r.exercise in closed]
        for line, token in _numbers(text):
            spoilt = inputs.spoils(token, [r for r in hidden if _spoils(token, r)])
            if spoilt:
                problems.append(
                    cell.problem(
                        f"{token} is the answer of {spoilt.exercise!r} and stands before its worked solution",
                        'Give fewer digits, or move it into that exercise\'s {"role": "worked"} cell.',
                        line,
                    )
                )
    return problems, len(told)


def _passages(lesson: LessonText, pictures: Iterator[Picture]) -> Iterator[tuple[Cell, str, str]]:
    """What a learner meets, in order: (cell, text, the exercise whose worked solution this is or '')."""
    for block in lesson.blocks:
        if isinstance(block, Cell):
            yield block, block.source, ""
            if role_of(block).has_picture:
                yield block, next(pictures)[1].replace("\n", " "), ""
            continue
        yield block.prompt, block.prompt.source, ""
        yield block.solution, stub_of(block.solution), ""
        if block.answers:
            yield block.answers, block.answers.source, ""
        for cell in block.prose[1:]:
            yield cell, cell.source, block.id if cell in block.worked else ""


def _numbers(text: str) -> Iterator[tuple[int, str]]:
    """Every number in `text`, with the 0-based line it stands on."""
    for line, words in enumerate(text.splitlines()):
        for match in _NUMBER.finditer(words.replace("{,}", "").replace("\\,", "")):
            yield line, match[0]


def _spoils(token: str, reference: Reference) -> bool:
    """Whether `token` is the reference, rounded to as many decimals as `token` has."""
    if _digits(token) < SIGNIFICANT:
        return False
    decimals = -int(Decimal(token).as_tuple().exponent)
    return abs(float(token) - reference.value) <= 0.5000001 * 10.0**-decimals


def _is_own(token: str, reference: Reference) -> bool:
    """Whether `token` would pass as the answer (and has two digits or more: 0 and 1 are everywhere)."""
    return _digits(token) >= 2 and near(float(token), reference.value, reference.tolerance)


def _digits(token: str) -> int:
    """Significant digits."""
    return len(token.partition("e")[0].replace(".", "").lstrip("0"))
