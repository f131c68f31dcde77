"""What a lesson promises about its numbers: solutions, proofs, mistakes, and that check and test agree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import cast

from autograder.authoring.checks.context import Found, Subject
from autograder.authoring.evaluation import evaluate
from autograder.authoring.evaluation.failed_assertions import shown
from autograder.authoring.format.mistakes import MistakeText
from autograder.authoring.roles.cell import Cell
from autograder.core.errors import LessonError, Problem
from autograder.core.judge import judge, judge_answer
from autograder.core.kinds.form import Plain
from autograder.core.kinds.registry import form_of
from autograder.core.model import Verdict
from autograder.core.slips import OPTION, TYPE
from autograder.core.values import same
from autograder.core.verdict import Kind


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
        if any(answer.kind is not Kind.NOT_ATTEMPTED for answer in verdict.answers):
            yield one.text.solution.problem(
                f"the untouched stub of {one.text.id!r} is judged {verdict.kind}",
                "A stub must give `...` or None: end each function's stub with `...`.",
            )


def solutions(s: Subject) -> Found:
    """The solution is judged right, comes out the same twice, and passes its own tests."""
    for one in s.evaluated:
        yield len(one.text.names)
        solved = evaluate.solve(one.text, one.given)  # once more: it must come out the same
        verdict = judge(s.sealed[one.text.id], {name: solved[name] for name in one.text.names})
        if verdict.kind is not Kind.RIGHT:
            words, remedy = _why_not_right(one, solved)
            yield one.text.solution.problem(
                f"the solution of {one.text.id!r} is judged {verdict.code}{words}", remedy
            )
        for cell in one.text.tests:
            yield from _runs(cell, dict(one.solved))


def _why_not_right(one: evaluate.Evaluated, again: Mapping[str, object]) -> tuple[str, str]:
    changed = [
        f"{name} was {shown(one.solved[name])} and then {shown(again[name])}"
        for name in one.text.names
        if not same(again[name], one.references[name], one.text.tolerances[name])
    ]
    if not changed:
        return "", "Mend the solution or its tolerance."
    return f": run twice, it gave two values ({', '.join(changed)})", (
        "Mend the solution: no random numbers, no clock, and nothing that one run leaves to the next."
    )


def proofs(s: Subject) -> Found:
    """The second route reaches the same values."""
    for one in s.evaluated:
        yield 1
        try:
            evaluate.prove(one)
        except LessonError as error:
            yield from error.problems


def _runs(cell: Cell, names: dict[str, object]) -> Iterator[Problem]:
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
            if verdict.kind is Kind.RIGHT or verdict.idea != mistake.slug:
                words, remedy = _why_unrecognized(verdict, values)
                yield Problem(
                    s.text.path, mistake.line, f"the mistake {mistake.slug!r} is judged {words}", remedy
                )


def _why_unrecognized(verdict: Verdict, values: Mapping[str, object]) -> tuple[str, str]:
    """What a mistake is judged instead of itself, and what to do about it."""
    wrong = next((one for one in verdict.answers if one.kind is Kind.WRONG), None)
    if wrong and verdict.idea == TYPE:
        expected = wrong.misfit.partition(". ")[0]
        words = f"{verdict.code}: it gives {wrong.name} = {shown(values[wrong.name])}, expected {expected}"
        return words, (
            "Who types that is told what is expected, and never reads the feedback. Let the mistake give a"
            " value of the answer's kind."
        )
    if wrong and verdict.idea == OPTION:
        words = f"{verdict.code}: {shown(values[wrong.name])} is not among the options {wrong.misfit}"
        return words, (
            "Who types that is told the options, and never reads the feedback. Let the mistake give one of"
            ' them, or add it to "options".'
        )
    return verdict.code, (
        "Each mistake must be wrong and bring its own feedback: tell it apart from the others."
    )


def apart(s: Subject) -> Found:
    """No two of the answer and the mistakes lie within two tolerances."""
    for one in s.evaluated:
        rows = [("the answer", one.text.solution.line, one.references)]
        rows += [(f"the mistake {m.slug!r}", m.line, _told(m, values)) for m, values in one.mistakes]
        for (first, _, a), (second, line, b) in itertools.combinations(rows, 2):
            yield 1
            if all(_as_one(a[name], b[name], one.text.tolerances[name]) for name in a.keys() & b.keys()):
                yield Problem(
                    s.text.path,
                    line,
                    f"{second} of {one.text.id!r} equals {first} (within 2 tolerances)",
                    "Change the numbers, the tolerance, or join the two mistakes into one.",
                )


def _told(mistake: MistakeText, values: Mapping[str, object]) -> dict[str, object]:
    """The values by which a mistake is recognized."""
    return {name: value for name, value in values.items() if name not in mistake.not_by}


def _as_one(a: object, b: object, tolerance: float) -> bool:
    return same(b, a, 2 * tolerance)


def agreement(s: Subject) -> Found:
    """At every answer and mistake, at ± tolerance and one float to either side: check and test agree."""
    for one in s.evaluated:
        exercise = s.sealed[one.text.id]
        for answer, name in zip(exercise.answers, one.text.names, strict=True):
            told = [one.references[name], *(_told(m, wrong).get(name) for m, wrong in one.mistakes)]
            # A mistake of one function leaves the other answers right: each value is looked at once.
            for value in {repr(value): value for value in told if value is not None}.values():
                for near in form_of(value).neighbours(cast(Plain, value), one.text.tolerances[name]):
                    yield 1
                    checked = judge_answer(exercise, answer, near).kind is Kind.RIGHT
                    if checked != same(near, one.references[name], answer.tolerance):
                        yield one.text.prompt.problem(
                            f"check and hidden test disagree on {name} = {near!r}",
                            "This is a fault of autograder, please report it.",
                        )
