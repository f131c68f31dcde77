"""nbgrader's grades.csv, byte for byte as its own exporter writes it, with one query an assignment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.atomic_write import write_whole
from autograder.grading.gradebook.course_directory import Classroom

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def export(classroom: Classroom, to: Path) -> None:
    """Write every student's grade in every assignment to `to`, whole or not at all."""
    with classroom.gradebook() as gradebook:
        rows = [COLUMNS, *_rows(gradebook)]
    lines = (",".join("" if value is None else str(value) for value in row) for row in rows)
    write_whole(to, "".join(f"{line}\n" for line in lines))


def _rows(gradebook: Gradebook) -> Iterator[tuple[object, ...]]:
    """nbgrader's order of assignments and students, and its own expressions for the scores."""
    from nbgrader.api import Assignment, Student, SubmittedAssignment
    from sqlalchemy import select

    people = gradebook.db.execute(
        select(Student.id, Student.last_name, Student.first_name, Student.email).order_by(
            Student.last_name, Student.first_name
        )
    ).all()
    assignments = gradebook.db.execute(
        select(Assignment.id, Assignment.name, Assignment.duedate, Assignment.max_score).order_by(
            Assignment.duedate, Assignment.name
        )
    ).all()
    for key, name, due, most in assignments:
        handed_in = gradebook.db.execute(
            select(
                SubmittedAssignment.student_id,
                SubmittedAssignment.timestamp,
                SubmittedAssignment.score,
                SubmittedAssignment.late_submission_penalty,
            ).where(SubmittedAssignment.assignment_id == key)
        )
        found = {student: rest for student, *rest in handed_in}
        for student, *person in people:
            timestamp, score, penalty = found.get(student, (None, 0.0, 0.0))
            yield name, due, timestamp, student, *person, score, penalty, max(0.0, score - penalty), most
