"""What the gradebook says of one assignment, submission by submission, in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.grading.gradebook.lateness import seconds_late
from autograder.rendering import untrusted_text

if TYPE_CHECKING:
    from nbgrader.api import Assignment, Gradebook


@dataclass(frozen=True)
class Person:
    """A student, as the gradebook knows them; `lms` is the learning platform's own id, '' where unknown."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""

    @property
    def name(self) -> str:
        """What to call them: the name, or the id where there is none."""
        return untrusted_text.name(f"{self.first} {self.last}") or untrusted_text.name(self.id)


@dataclass(frozen=True)
class Mark:
    """What one graded cell earned, in points.

    `manual`: a person gave it; `waits`: a person still has to look.
    """

    name: str
    score: float
    most: float
    manual: bool
    waits: bool


@dataclass(frozen=True)
class NotebookMarks:
    """One notebook of a submission: marks in no order, and the instructor's comments by cell."""

    penalty: float = 0.0
    marks: Mapping[str, Mark] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """What one student's submission earned. `late` is in seconds."""

    person: Person
    late: float
    notebooks: Mapping[str, NotebookMarks]


def people(gradebook: Gradebook) -> dict[str, Person]:
    """Every student by id, in the order of their names."""
    from nbgrader.api import Student
    from sqlalchemy import select

    columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    rows = gradebook.db.execute(select(*columns).order_by(Student.last_name, Student.first_name, Student.id))
    return {row[0]: Person(*(value or "" for value in row)) for row in rows}


def submissions(gradebook: Gradebook, assignment: str) -> dict[str, Submission]:
    """Every submission of an assignment, by student."""
    from nbgrader.api import SubmittedAssignment, SubmittedNotebook
    from sqlalchemy import select

    found = gradebook.find_assignment(assignment)
    everybody = people(gradebook)
    names = {one.id: one.name for one in found.notebooks}
    marks, comments = _marks(gradebook, found), _comments(gradebook, found)
    notebooks: dict[str, dict[str, NotebookMarks]] = {}
    one = SubmittedNotebook
    columns = (one.id, one.assignment_id, one.notebook_id, one.late_submission_penalty)
    for key, parent, notebook, penalty in gradebook.db.execute(
        select(*columns).where(one.notebook_id.in_(list(names)))
    ):
        made = NotebookMarks(float(penalty or 0.0), marks.get(key, {}), comments.get(key, {}))
        notebooks.setdefault(parent, {})[names[notebook]] = made
    whole = SubmittedAssignment
    rows = gradebook.db.execute(
        select(whole.id, whole.student_id, whole.timestamp, whole.extension).where(
            whole.assignment_id == found.id
        )
    )
    made_all = {}
    for key, student, stamp, extension in rows:
        late = seconds_late(stamp, found.duedate, extension)
        made_all[student] = Submission(everybody[student], late, notebooks.get(key, {}))
    return made_all


def _marks(gradebook: Gradebook, assignment: Assignment) -> dict[str, dict[str, Mark]]:
    from nbgrader.api import Grade
    from sqlalchemy import select

    cells = {
        cell.id: (cell.name, float(cell.max_score))
        for notebook in assignment.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    }
    found: dict[str, dict[str, Mark]] = {}
    columns = (Grade.notebook_id, Grade.cell_id, Grade.score, Grade.manual_score, Grade.needs_manual_grade)
    query = select(*columns).where(Grade.cell_id.in_(list(cells)))
    for key, cell, score, manual, waits in gradebook.db.execute(query):
        name, most = cells[cell]
        mark = Mark(name, float(score or 0.0), most, manual is not None, bool(waits))
        found.setdefault(key, {})[name] = mark
    return found


def _comments(gradebook: Gradebook, assignment: Assignment) -> dict[str, dict[str, str]]:
    """What a person wrote; nbgrader's own "No response." says nothing that the page does not."""
    from nbgrader.api import Comment
    from sqlalchemy import select

    cells = {
        cell.id: cell.name
        for notebook in assignment.notebooks
        for cell in (*notebook.solution_cells, *notebook.task_cells)
    }
    found: dict[str, dict[str, str]] = {}
    columns = (Comment.notebook_id, Comment.cell_id, Comment.manual_comment)
    query = select(*columns).where(Comment.cell_id.in_(list(cells)))
    for key, cell, words in gradebook.db.execute(query):
        if words and words.strip():
            found.setdefault(key, {})[cells[cell]] = words
    return found
