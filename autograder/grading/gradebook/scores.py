"""What submissions earned, read from nbgrader's gradebook and its autograded notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.verdict import Kind, Outcome
from autograder.grading.assignment.verdicts import verdicts_of
from autograder.grading.gradebook.lateness import seconds_late

if TYPE_CHECKING:
    from nbgrader.api import Gradebook


@dataclass(frozen=True)
class Result:
    """One submission's outcome. `reason` says why it could not be graded; '' where it was.

    `verdicts` holds by grade id what the check said.
    """

    student: str
    score: float
    max_score: float
    penalty: float
    seconds_late: float
    verdicts: Mapping[str, Outcome] = field(default_factory=dict)
    reason: str = ""
    notes: tuple[str, ...] = ()
    needs_manual_grade: bool = False

    @property
    def mistakes(self) -> list[str]:
        """The ideas that were recognised, as exercise:mistake."""
        return [
            f"{exercise}:{outcome.idea}"
            for exercise, outcome in self.verdicts.items()
            if outcome.kind is Kind.WRONG and outcome.idea
        ]


@dataclass(frozen=True)
class Score:
    """A submission's row of the gradebook: points, the penalty taken off, seconds past the due date."""

    score: float
    penalty: float
    seconds_late: float
    needs_manual_grade: bool


def scores(gradebook: Gradebook, assignment: str) -> tuple[float, dict[str, Score]]:
    """The most points of an assignment, and every submission's score by student, in a few queries."""
    from nbgrader.api import Grade, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy import case, func, select

    found = gradebook.find_assignment(assignment)
    points: dict[str, tuple[float, bool]] = {
        key: (float(score or 0.0), bool(waits))
        for key, score, waits in gradebook.db.execute(
            select(
                SubmittedNotebook.assignment_id,
                func.sum(Grade.score),
                func.max(case((Grade.needs_manual_grade, 1), else_=0)),
            )
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .group_by(SubmittedNotebook.assignment_id)
        )
    }
    penalties = dict(
        gradebook.db.execute(
            select(
                SubmittedNotebook.assignment_id, func.sum(SubmittedNotebook.late_submission_penalty)
            ).group_by(SubmittedNotebook.assignment_id)
        ).all()
    )
    rows = gradebook.db.execute(
        select(
            SubmittedAssignment.id,
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
        ).where(SubmittedAssignment.assignment_id == found.id)
    )
    made = {}
    for key, student, timestamp, extension in rows:
        late = seconds_late(timestamp, found.duedate, extension)
        score, waits = points.get(key, (0.0, False))
        made[student] = Score(score, float(penalties.get(key) or 0.0), late, waits)
    return float(found.max_score), made


def verdicts_in(folder: Path) -> Iterator[tuple[str, Outcome]]:
    """By grade id, what the checks in the autograded notebooks of `folder` said."""
    for path in sorted(folder.glob("*.ipynb")):
        yield from verdicts_of(json.loads(path.read_text(encoding="utf-8"))["cells"])
