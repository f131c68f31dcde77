"""What a class handed in for one graded lesson, as the reports need it: verdicts, typed values, words.

Read from nbgrader's gradebook and its autograded notebooks. Nothing of a learner is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.core.model import Exercise, Lesson
from autograder.core.slips import BY_WORD
from autograder.core.verdict import NOT_ATTEMPTED, WRONG, Kind, Outcome
from autograder.course import lesson_json
from autograder.course.course_toml import one_of
from autograder.grading.gradebook import autograded_answers, scores, submission_marks
from autograder.grading.gradebook.course_directory import Classroom

_NOT_YET = "{} is not graded yet. Run: autograder grade {}"


@dataclass(frozen=True)
class HandedIn:
    """One learner's graded submission.

    `verdicts` are by exercise as in `scores.Result`, a mistake only where the lesson knows it; `sources`
    are the answer cells. `share` is of the lesson's points before any penalty, from 0 to 1; `late` is in
    seconds. `damage` says why the autograded notebook could not be read.
    """

    student: str
    share: float
    late: float
    verdicts: Mapping[str, Outcome] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    damage: str = ""

    def outcome(self, exercise: str) -> Outcome:
        """What the check of an exercise said; not attempted also where the cell is missing."""
        return self.verdicts.get(exercise, NOT_ATTEMPTED)

    def kind(self, exercise: str) -> Kind:
        """The kind of that outcome."""
        return self.outcome(exercise).kind

    def attempted(self, exercise: str) -> bool:
        """Whether there is anything in the answer, be it right, wrong or broken."""
        return self.kind(exercise) is not Kind.NOT_ATTEMPTED

    @property
    def blank(self) -> bool:
        """Whether nothing at all was attempted."""
        return bool(self.verdicts) and not any(map(self.attempted, self.verdicts))


@dataclass(frozen=True)
class GradedClass:
    """A graded lesson: its exercises in order with their points, and everybody who handed it in.

    `optional` are the exercises that nobody has to do. `names` are people's names by id, of all in the
    gradebook; `absent` the ids of those that handed in nothing, `refused` of those that were not graded.
    """

    assignment: str
    title: str
    points: Mapping[str, float]
    optional: frozenset[str]
    lesson: Lesson
    handed_in: tuple[HandedIn, ...]
    names: Mapping[str, str]
    absent: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @cached_property
    def by_student(self) -> Mapping[str, HandedIn]:
        """Submissions by the learner's id."""
        return {one.student: one for one in self.handed_in}

    def exercise(self, name: str) -> Exercise | None:
        """The exercise as lesson.json knows it; None in a lesson that is not of this course's making."""
        return self.lesson.exercises.get(name)


def graded_lessons(classroom: Classroom) -> list[str]:
    """The assignments that have graded submissions, in order."""
    with classroom.gradebook() as gradebook:
        known = {one.name for one in gradebook.assignments if one.submissions}
    return [name for name in classroom.assignments() if name in known]


def find(classroom: Classroom, prefix: str) -> str:
    """The one assignment that starts with `prefix`. Raises CourseError."""
    return one_of(classroom.assignments(), prefix, "assignment in source/")


def read(classroom: Classroom, assignment: str) -> GradedClass:
    """The class of a graded lesson. Raises CourseError where nothing was graded."""
    try:
        with classroom.gradebook() as gradebook:
            submissions = submission_marks.submissions(gradebook, assignment)
            people = submission_marks.people(gradebook)
    except ValueError as error:  # nbgrader's MissingEntry
        raise CourseError(_NOT_YET.format(assignment, assignment[:2])) from error
    if not submissions:
        raise CourseError(_NOT_YET.format(assignment, assignment[:2]))
    path = classroom.path("source", ".", assignment) / lesson_json.FILE
    lesson = lesson_json.read(path) if path.is_file() else Lesson(assignment, assignment, 0, {}, ())
    read_in = [
        _handed_in(submissions[student], classroom.path("autograded", student, assignment), lesson)
        for student in sorted(submissions)
    ]
    points: dict[str, float] = {}
    for one in submissions.values():
        for notebook in one.notebooks.values():
            points.update({mark.name: mark.most for mark in notebook.marks.values()})
    seen = dict.fromkeys(name for one in read_in for name in one.verdicts)
    order = [name for name in (*lesson.exercises, *seen) if name in points and name in seen]
    here = set(classroom.students(assignment))
    return GradedClass(
        assignment=assignment,
        title=lesson.title,
        points={name: points[name] for name in dict.fromkeys(order)},
        optional=frozenset(name for name, one in lesson.exercises.items() if one.optional),
        lesson=lesson,
        handed_in=tuple(read_in),
        names={student: person.name for student, person in people.items()},
        absent=tuple(sorted(set(people) - here - set(submissions))),
        refused=tuple(sorted(here - set(submissions))),
    )


def shares(classroom: Classroom, assignment: str) -> dict[str, float]:
    """Each learner's share of the points of a graded lesson, from 0 to 1, before any penalty."""
    with classroom.gradebook() as gradebook:
        most, by_student = scores.scores(gradebook, assignment)
    return {student: one.score / most if most else 0.0 for student, one in by_student.items()}


def _handed_in(submission: submission_marks.Submission, folder: Path, lesson: Lesson) -> HandedIn:
    most = earned = 0.0
    for notebook in submission.notebooks.values():
        earned += sum(mark.score for mark in notebook.marks.values())
        most += sum(mark.most for mark in notebook.marks.values())
    share = earned / most if most else 0.0
    verdicts, sources = {}, {}
    try:
        for path in sorted(folder.glob("*.ipynb")):
            for answer in autograded_answers.read(path):
                if answer.verdict:  # else a person marks it
                    verdicts[answer.name] = _known(answer.verdict, lesson.exercises.get(answer.name))
                    sources[answer.name] = "\n".join(answer.sources)
    except (OSError, ValueError) as error:
        return HandedIn(submission.person.id, share, submission.late, damage=str(error))
    return HandedIn(submission.person.id, share, submission.late, verdicts, sources)


def _known(verdict: Outcome, exercise: Exercise | None) -> Outcome:
    """The verdict, without the name of a mistake that the lesson does not know."""
    known = (*BY_WORD, *(exercise.feedback if exercise else ()))
    return WRONG if verdict.kind is Kind.WRONG and verdict.idea not in known else verdict
