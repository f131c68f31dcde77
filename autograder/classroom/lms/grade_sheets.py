"""The gradebook's points as rows, for the file of a platform or for a plain table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.gradebook import scores, submission_marks
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.scores import Score
from autograder.grading.gradebook.submission_marks import Person
from autograder.rendering import untrusted_text

TERM = "term"
"""In place of a lesson: every assignment of the gradebook."""


@dataclass(frozen=True)
class Column:
    """One assignment. `scores` by student; `ungraded` handed in and have no points yet."""

    name: str
    most: float
    scores: Mapping[str, Score]
    ungraded: tuple[str, ...] = ()

    def points(self, student: str) -> str:
        """A student's points, the late penalty taken off, as nbgrader counts; '' where there are none."""
        if student not in self.scores:
            return ""
        found = self.scores[student]
        return points_text(max(0.0, found.score - found.penalty))


@dataclass(frozen=True)
class Grades:
    """What is exported. `term`: the whole gradebook rather than one assignment of it."""

    people: tuple[Person, ...]
    columns: tuple[Column, ...]
    term: bool


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and what its reader has to know, a line each."""

    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()


def read(root: Path, what: str) -> Grades:
    """The points of the lesson that `what` names, or of the term. Raises CourseError."""
    classroom = Classroom(root)
    with classroom.gradebook() as gradebook:
        known = sorted(one.name for one in gradebook.assignments)
        if not known:
            raise CourseError("nothing is graded yet. Run: autograder grade LESSON")
        names = known if what == TERM else [one_of(known, what, "graded assignment")]
        everybody = submission_marks.people(gradebook)
        columns = []
        for name in names:
            most, by_student = scores.scores(gradebook, name)
            ungraded = tuple(one for one in classroom.students(name) if one not in by_student)
            columns.append(Column(name, most, by_student, ungraded))
    # Who handed in and could not be graded may be in no table of nbgrader's, and must not be lost.
    for column in columns:
        for student in column.ungraded:
            everybody.setdefault(student, Person(student))
    return Grades(tuple(everybody.values()), tuple(columns), what == TERM)


def plain(grades: Grades) -> Sheet:
    """The rows of a plain table: one assignment with its penalty, or the term with a total."""
    head = ("student_id", "last_name", "first_name", "email", "lms_user_id")
    if grades.term:
        most = points_text(sum(column.most for column in grades.columns))
        rows = [
            (*head, *(untrusted_text.cell(column.name) for column in grades.columns), "total", "max_total")
        ]
        for person in grades.people:
            points = [column.points(person.id) for column in grades.columns]
            rows.append((*_who(person), *points, points_text(sum(float(one) for one in points if one)), most))
        return Sheet(tuple(rows), remarks(grades))
    column = grades.columns[0]
    rows = [(*head, "score", "max_score", "raw_score", "late_penalty", "needs_manual_grade")]
    for person in grades.people:
        found = column.scores.get(person.id)
        rest = (
            (points_text(found.score), points_text(found.penalty), str(found.needs_manual_grade))
            if found
            else ("",) * 3
        )
        rows.append((*_who(person), column.points(person.id), points_text(column.most), *rest))
    return Sheet(tuple(rows), remarks(grades))


def remarks(grades: Grades) -> tuple[str, ...]:
    """What is missing from the points, and whose it is; the same for every format."""
    said = []
    names = {person.id: person.name for person in grades.people}
    for column in grades.columns:
        for student in column.ungraded:
            said.append(
                f"{column.name}: {names[student]} handed in and has no points: not graded, or could not be"
            )
        waits = [names[one] for one, score in column.scores.items() if score.needs_manual_grade]
        if waits:
            said.append(
                f"{column.name}: points may change, a person still has to look at {', '.join(sorted(waits))}"
            )
        absent = len(names.keys() - column.scores.keys() - set(column.ungraded))
        if absent:
            said.append(
                f"{column.name}: {absent} of {len(names)} handed in nothing; their cell is empty, not 0"
            )
    for person in grades.people:
        changed = [text for text in (person.id, person.email) if untrusted_text.cell(text) != text]
        if changed:
            said.append(
                f"{person.name}: {', '.join(map(repr, changed))} was changed, so that no spreadsheet runs it;"
                " a platform will not know it again"
            )
    return tuple(said)


def write(sheet: Sheet, to: Path) -> None:
    """Write the rows as CSV (UTF-8, commas, quotes where needed), whole or not at all."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(sheet.rows)
    to.parent.mkdir(parents=True, exist_ok=True)
    write_whole(to, text.getvalue())


def points_text(value: float) -> str:
    """Points as text with at most ten digits: "2.5", "0.3333333333"."""
    return f"{value:.10g}"


def _who(person: Person) -> tuple[str, ...]:
    return tuple(map(untrusted_text.cell, (person.id, person.last, person.first, person.email, person.lms)))
