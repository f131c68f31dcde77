"""What a lesson promises about its numbers: solutions, proofs, mistakes, and that check and test agree."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from autograder.authoring import evaluate
from autograder.authoring.subject import Found, Subject
from autograder.core.errors import LessonError, Problem
from autograder.core.exercise import Outcome
from autograder.core.judge import judge, judge_answer
from autograder.core.values import same


def stubs(s: Subject) -> Found:
    """The stub as a learner gets it is judged "not attempted"."""
    for one in s.evaluated:
        yield 1
        try:
            names = evaluate.stubbed(one.text, one.given)
        except LessonError as error:
            yield from error.problems
            continue
        verdict = judge(s.sealed[one.text.id], {name: names.get(name) for name in one.text.names})
        if any(answer.outcome is not Outcome.NOT_ATTEMPTED for answer in verdict.answers):
            yield one.text.solution.problem(
                f"the untouched stub of {one.text.id!r} is judged {verdict.outcome}",
                "A stub must give `...` or None: end each function's stub with `...`.",
            )


def solutions(s: Subject) -> Found:
    """The solution is judged right, comes out the same twice, and passes its own tests."""
    for one in s.evaluated:
        yield len(one.text.names)
        solved = evaluate.solve(one.text, one.given)  # once more: it must come out the same
        verdict = judge(s.sealed[one.text.id], {name: solved[name] for name in one.text.names})
        if verdict.outcome is not Outcome.RIGHT:
            yield one.text.solution.problem(
                f"the solution of {one.text.id!r} is judged {verdict.code}",
                "Mend the solution or its tolerance.",
            )
        for cell in one.text.tests:
            yield from _runs(cell, dict(one.solved))


def proofs(s: Subject) -> Found:
    """The second route reaches the same values."""
    for one in s.evaluated:
        yield 1
        try:
            evaluate.prove(one)
        except LessonError as error:
            yield from error.problems


def _runs(cell: Any, names: dict[str, Any]) -> Iterator[Problem]:
    try:
        evaluate.run(cell, dict(names))
    except LessonError as error:
        yield from error.problems


def mistakes(s: Subject) -> Found:
    """Each mistake is wrong, and is recognized."""
    for one in s.evaluated:
        for mistake, values in one.mistakes:
            yield 1
            verdict = judge(s.sealed[one.text.id], values)
            if verdict.outcome is Outcome.RIGHT or verdict.idea != mistake.slug:
                yield Problem(
                    s.text.path,
                    mistake.line,
                    f"the mistake {mistake.slug!r} is judged {verdict.code}",
                    "Each mistake must be wrong and bring its own feedback: tell it apart from the others.",
                )


def apart(s: Subject) -> Found:
    """No two of the answer and the mistakes lie within two tolerances."""
    for one in s.evaluated:
        rows = [("the answer", one.text.solution.line, one.references)]
        rows += [(f"the mistake {m.slug!r}", m.line, values) for m, values in one.mistakes]
        for (first, _, a), (second, line, b) in itertools.combinations(rows, 2):
            yield 1
            if all(_as_one(a[name], b[name], one.text.tolerances[name]) for name in one.text.names):
                yield Problem(
                    s.text.path,
                    line,
                    f"{second} of {one.text.id!r} equals {first} (within 2 tolerances)",
                    "Change the numbers, the tolerance, or join the two mistakes into one.",
                )


def _as_one(a: Any, b: Any, tolerance: float) -> bool:
    return same(b, a, 2 * tolerance)


def agreement(s: Subject) -> Found:
    """At every answer and mistake, at ± tolerance and one float to either side: check and test agree."""
    for one in s.evaluated:
        exercise = s.sealed[one.text.id]
        for answer, name in zip(exercise.answers, one.text.names, strict=True):
            told = [one.references[name], *(wrong[name] for _, wrong in one.mistakes)]
            # A mistake of one function leaves the other answers right: each value is looked at once.
            for value in {repr(value): value for value in told}.values():
                for near in neighbours(value, one.text.tolerances[name]):
                    yield 1
                    checked = judge_answer(exercise, answer, near).outcome is Outcome.RIGHT
                    if checked != same(near, one.references[name], answer.tolerance):
                        yield one.text.prompt.problem(
                            f"check and hidden test disagree on {name} = {near!r}",
                            "This is a fault of autograder, please report it.",
                        )


def neighbours(value: Any, tolerance: float) -> Iterator[Any]:
    """`value`, and where it is a number the floats at and just beyond ± `tolerance` from it."""
    yield value
    if isinstance(value, float) and math.isfinite(value):
        for edge in (value - tolerance, value + tolerance):
            yield from (edge, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf))
