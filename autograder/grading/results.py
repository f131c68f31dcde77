"""What one submission earned, read from nbgrader's gradebook and its autograded notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.core.exercise import Outcome


class Folders(Protocol):
    """What this module needs of a classroom."""

    def path(self, step: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's."""

    def gradebook(self) -> Any:
        """The gradebook, as a context manager."""


@dataclass(frozen=True)
class Result:
    """One submission's outcome. `reason` says why it could not be graded; '' where it was.

    `verdicts` holds by grade id what the check said: "right", "not-attempted", "wrong", "wrong:<mistake>",
    or "error:<exception's name>" where the answer cell, or the grade cell before its check, failed.
    """

    student: str
    score: float
    max_score: float
    penalty: float
    seconds_late: float
    verdicts: Mapping[str, str]
    reason: str = ""

    @property
    def mistakes(self) -> list[str]:
        """The ideas that were recognised, as exercise:mistake."""
        return [
            f"{exercise}:{verdict.partition(':')[2]}"
            for exercise, verdict in self.verdicts.items()
            if verdict.startswith(f"{Outcome.WRONG}:")
        ]


def read_result(classroom: Folders, assignment: str, student: str, reason: str) -> Result:
    """The outcome of one submission as it stands; with a `reason`, that of one that could not be graded."""
    from nbgrader.api import MissingEntry

    with classroom.gradebook() as gradebook:
        most = gradebook.find_assignment(assignment).max_score
        if reason:
            return Result(student, 0.0, most, 0.0, 0.0, {}, reason)
        try:
            submission = gradebook.find_submission(assignment, student)
        except MissingEntry:
            return Result(student, 0.0, most, 0.0, 0.0, {}, "the gradebook has no such submission")
        found = Result(
            student=student,
            score=submission.score,
            max_score=most,
            penalty=submission.late_submission_penalty or 0.0,
            seconds_late=submission.total_seconds_late,
            verdicts=dict(_verdicts(classroom.path("autograded", student, assignment))),
        )
    return found


def _verdicts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.ipynb")):
        before = ""  # the error that an answer cell ended with, since the last grade cell
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != "code":
                continue
            keys = cell["metadata"].get("nbgrader", {})
            if keys.get("grade") and not keys.get("solution"):
                verdict = _verdict(cell["outputs"])
                yield keys["grade_id"], f"error:{before}" if before and verdict != Outcome.RIGHT else verdict
                before = ""
            else:
                before = next((output["ename"] for output in cell["outputs"] if "ename" in output), before)


def _verdict(outputs: list[dict[str, Any]]) -> str:
    errors = [output for output in outputs if output["output_type"] == "error"]
    if not errors:
        warned = any(output["output_type"] == "stream" and output["name"] == "stderr" for output in outputs)
        return "error:warning" if warned else str(Outcome.RIGHT)
    if errors[0]["ename"] == "NotYet":
        return str(errors[0]["evalue"]).partition(" ")[2]
    if errors[0]["ename"] == "AssertionError":
        return str(Outcome.WRONG)  # the check passed, a held-back test did not
    return f"error:{errors[0]['ename']}"
