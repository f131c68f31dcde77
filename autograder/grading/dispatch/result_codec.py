"""What comes back from a worker on another machine: JSON, looked at before it is believed. Never pickle.

A worker runs no student's code itself, but it stands nearer to it than the grader does.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Container, Mapping

from autograder.core.errors import GradingError
from autograder.core.verdict import Outcome
from autograder.grading.assignment.scoring import Mark, Marks
from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.execution.grade_submission import Done, Job

LARGEST = 512 << 20
"""Bytes of one answer: many times what the limits on output allow."""


class Malformed(GradingError):
    """An answer that no worker of this version gives."""


def packed(done: Done, tier: int) -> bytes:
    """A result as `unpacked` reads it. The student's name stays at home."""
    notebooks = {
        name: {
            "notebook": base64.b64encode(data).decode(),
            "marks": [[mark.name, mark.auto_score] for mark in marks.marks],
            "comments": dict(marks.comments),
            "verdicts": {test: str(outcome) for test, outcome in marks.verdicts.items()},
            "flags": dict(marks.flags),
        }
        for name, (data, marks) in done.notebooks.items()
    }
    plain = {
        "tier": tier,
        "notebooks": notebooks,
        "notes": list(done.notes),
        "seconds": done.seconds,
        "reason": done.reason,
    }
    return json.dumps(plain).encode()


def parsed(answer: object) -> dict[str, object]:
    """The JSON object that a worker sent. Raises Malformed."""
    if not isinstance(answer, bytes) or len(answer) > LARGEST:
        raise Malformed("it sent no answer")
    try:
        plain = json.loads(answer)
    except (ValueError, RecursionError):
        raise Malformed("it sent no JSON") from None
    if not isinstance(plain, dict):
        raise Malformed("it sent no JSON object")
    return plain


def unpacked(plain: dict[str, object], job: Job, snapshot: Snapshot) -> Done:
    """The result of a job, as far as it can be believed.

    Args:
        plain: What `parsed` gave.
        job: What the worker was asked to grade.
        snapshot: By what; its cells are all that marks can be of, and their points the most.

    Returns:
        The result, with the student's name, which stayed at home.

    Raises:
        Malformed: It is none of this job, or not one at all.
    """
    try:
        notebooks = {
            _within(name, job.notebooks): (
                _notebook(as_object(one)["notebook"]),
                _marks(as_object(one), name, snapshot),
            )
            for name, one in as_object(plain["notebooks"]).items()
        }
        return Done(
            job.student,
            notebooks,
            tuple(map(_text, _list(plain["notes"]))),
            _number(plain["seconds"]),
            _text(plain["reason"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"it sent a result that is none ({type(error).__name__}: {error})") from None


def _marks(one: dict[str, object], name: str, snapshot: Snapshot) -> Marks:
    points = {cell.name: cell.points for cell in snapshot.notebooks[name].cells}
    return Marks(
        tuple(_mark(pair, points) for pair in _list(one["marks"])),
        {_within(k, points): None if v is None else _text(v) for k, v in as_object(one["comments"]).items()},
        {test: Outcome.parse(_text(said)) for test, said in as_object(one["verdicts"]).items()},
        {_within(test, points): _text(why) for test, why in as_object(one["flags"]).items()},
    )


def _mark(pair: object, points: Mapping[str, float | None]) -> Mark:
    name, score = _list(pair)
    grade = _within(name, points)
    if score is None:
        return Mark(grade, None)
    number = _number(score)
    if not math.isfinite(number) or not 0 <= number <= (points[grade] or 0):
        raise ValueError(f"a score of {score!r:.40}")
    return Mark(grade, number)


def _notebook(data: object) -> bytes:
    try:
        notebook = base64.b64decode(_text(data), validate=True)
        cells = json.loads(notebook)["cells"]
    except (binascii.Error, RecursionError):
        raise ValueError("no notebook") from None
    if type(cells) is not list:
        raise ValueError("no notebook")
    return notebook


def _within(name: object, known: Container[str]) -> str:
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"an unknown name {name!r:.40}")
    return name


def as_object(value: object) -> dict[str, object]:
    """A JSON object. Raises TypeError where it is none."""
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def as_integer(value: object) -> int:
    """A JSON integer. Raises TypeError where it is none."""
    if type(value) is not int:
        raise TypeError("no integer")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return value


def _number(value: object) -> float:
    if type(value) is int or type(value) is float:
        return value
    raise TypeError("no number")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
