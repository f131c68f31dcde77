"""What comes back from a worker on another machine: JSON, looked at before it is believed. Never pickle.

A worker runs no student's code itself, but it stands nearer to it than the grader does.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

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


def parsed(answer: Any) -> dict[str, Any]:
    """The JSON object that a worker sent. Raises Malformed."""
    if type(answer) is not bytes or len(answer) > LARGEST:
        raise Malformed("it sent no answer")
    try:
        plain = json.loads(answer)
    except (ValueError, RecursionError):
        raise Malformed("it sent no JSON") from None
    if type(plain) is not dict:
        raise Malformed("it sent no JSON object")
    return plain


def unpacked(plain: dict[str, Any], job: Job, snapshot: Snapshot) -> Done:
    """The result of `job`. Raises Malformed where it is none of this job, or not one at all."""
    try:
        notebooks = {
            _within(name, job.notebooks): (_notebook(one["notebook"]), _marks(one, name, snapshot))
            for name, one in _object(plain["notebooks"]).items()
        }
        return Done(
            job.student,
            notebooks,
            tuple(map(_text, plain["notes"])),
            float(plain["seconds"]),
            _text(plain["reason"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"it sent a result that is none ({type(error).__name__}: {error})") from None


def _marks(one: dict[str, Any], name: str, snapshot: Snapshot) -> Marks:
    points = {cell.name: cell.points for cell in snapshot.notebooks[name].cells}
    return Marks(
        tuple(Mark(_within(grade, points), _score(score, points[grade])) for grade, score in one["marks"]),
        {_within(k, points): None if v is None else _text(v) for k, v in _object(one["comments"]).items()},
        {test: Outcome.parse(_text(said)) for test, said in _object(one["verdicts"]).items()},
    )


def _score(score: Any, points: float | None) -> float | None:
    if score is None:
        return None
    if type(score) not in (int, float) or not math.isfinite(score) or not 0 <= score <= (points or 0):
        raise ValueError(f"a score of {score!r:.40}")
    return score


def _notebook(data: Any) -> bytes:
    try:
        notebook = base64.b64decode(_text(data), validate=True)
        cells = json.loads(notebook)["cells"]
    except (binascii.Error, RecursionError):
        raise ValueError("no notebook") from None
    if type(cells) is not list:
        raise ValueError("no notebook")
    return notebook


def _within(name: Any, known: Any) -> str:
    if type(name) is not str or name not in known:
        raise ValueError(f"an unknown name {name!r:.40}")
    return name


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise TypeError("no object")
    return value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("no text")
    return value
