"""Where a lesson gives an answer away: numbers, and other text, in its words that are a reference value."""

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
from autograder.core.kinds.registry import form_of
from autograder.core.values import near

_NUMBER = re.compile(r"(?<![\w.])(?:\d+\.\d+|\.\d+|\d+)(?:e[-+]?\d+)?(?!\.?\d)")
SIGNIFICANT = 4
"""A reference value with this many significant digits is nowhere before its own worked solution."""


def references(evaluated: Iterable[Evaluated]) -> list[Reference]:
    """Every finite number among the answers."""
    return [
        Reference(one.text.id, abs(float(told)), one.text.tolerances[name])
        for one in evaluated
        for name, told in _told(one)
        if not isinstance(told, str) and abs(told) < 1e15
    ]


def _told(one: Evaluated) -> Iterator[tuple[str, float | str]]:
    """(answer, what gives one of its leaves away in words), for kinds that words can give away."""
    for name, value in one.references.items():
        form = form_of(value)
        for kind, leaf in zip(form.leaf_forms(), form.leaves(value), strict=True):
            told = kind.told_by(leaf)
            if told is not None:
                yield name, told


def in_hints_and_feedback(lesson: LessonText, evaluated: Iterable[Evaluated]) -> tuple[list[Problem], int]:
    """Answers in hints and feedback, and how many sentences were read."""
    known = list(evaluated)
    told = references(known)
    inputs = Inputs(lesson, known)
    problems, count = [], 0
    for one in known:
        for cell, offset, text in _hints_and_feedback(one):
            count += 1
            spoilt = [
                (line, token, "number")
                for line, token in _numbers(text)
                if any(r.exercise == one.text.id and _is_own(token, r) for r in told)
                or inputs.spoils(token, [r for r in told if _spoils(token, r)], own=one.text.id)
            ]
            spoilt += [(line, token, "answer") for line, token in _texts(text, one)]
            kind = "feedback" if cell is one.text.prompt else "hint"
            for line, token, what in spoilt:
                words = f"this {kind} of {one.text.id!r} gives an answer away: {token}"
                problems.append(cell.problem(words, f"Name the idea, not the {what}.", offset + line))
    return problems, count


def _hints_and_feedback(one: Evaluated) -> Iterator[tuple[Cell, int, str]]:
    """(cell, line in it, text) of all that an exercise says to a learner who is stuck or wrong."""
    for cell in one.text.hints:
        yield cell, 0, cell.source
    for mistake in one.text.mistakes:
        yield one.text.prompt, mistake.line - one.text.prompt.line, mistake.feedback.replace("\n", " ")


def _texts(text: str, one: Evaluated) -> Iterator[tuple[int, str]]:
    """Every answer of an exercise that stands in `text` as it is typed, with the 0-based line."""
    for _, told in _told(one):
        if isinstance(told, str) and (place := text.casefold().find(told.casefold())) >= 0:
            yield text.count("\n", 0, place), told


def in_the_text(
    lesson: LessonText, evaluated: Iterable[Evaluated], pictures: Iterable[Picture]
) -> tuple[list[Problem], int]:
    """References with four or more significant digits, in code or before the own worked solution.

    Args:
        lesson: The lesson.
        evaluated: Its exercises with their values.
        pictures: Its figures' pictures in order; their words are read.

    Returns:
        The problems, and how many references were looked for.
    """
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
