"""`autograder feedback`: the graded submissions of a lesson -> a page each, where nbgrader looks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.feedback import learner_page, lesson_notes
from autograder.classroom.feedback.lesson_notes import Notes
from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.gradebook import autograded_answers, submission_marks
from autograder.grading.gradebook.autograded_files import Permissions, place
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.submission_marks import Person, Submission
from autograder.grading.gradebook.submitted_files import TIMESTAMP

CARRIED = (TIMESTAMP, "submission_secret.txt")
"""What `nbgrader release_feedback` wants beside a page."""


@dataclass(frozen=True)
class StudentFeedback:
    """One student's pages, or the reason why there are none."""

    person: Person
    files: tuple[Path, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class LessonFeedback:
    """What the pages of a lesson share.

    `students` are the ids of those who get a page; `released` says whether they see outputs that may hold
    what a hidden test asked.
    """

    classroom: Classroom
    assignment: str
    notes: Notes
    submissions: dict[str, Submission]
    people: dict[str, Person]
    students: tuple[str, ...]
    released: bool = False


def prepare(
    root: Path,
    prefix: str,
    students: Sequence[str] = (),
    worked: bool | None = None,
    released: bool = False,
) -> LessonFeedback:
    """Read what the pages of a lesson share.

    Args:
        root: The course's folder.
        prefix: Any unique start of the lesson's name.
        students: Ids of the students who get a page; all where empty.
        worked: Whether worked solutions are shown; None as course.toml says.
        released: Whether outputs are shown of answers that ran after a hidden test in the same process.

    Returns:
        The lesson's notes, submissions and people.

    Raises:
        CourseError: Nothing was graded, or a student did not submit.
    """
    classroom = Classroom(root)
    assignment = one_of(classroom.assignments(), prefix, "assignment in source/")
    with classroom.gradebook() as gradebook:
        try:
            found = submission_marks.submissions(gradebook, assignment)
        except ValueError as error:  # nbgrader's MissingEntry
            raise CourseError(f"{assignment} is not graded yet. Run: autograder grade {prefix}") from error
        everybody = submission_marks.people(gradebook)
    here = sorted({*found, *classroom.students(assignment)})
    if not found:
        raise CourseError(f"{assignment} is not graded yet. Run: autograder grade {prefix}")
    for student in students:
        if student not in here:
            raise CourseError(f"{student!r} did not submit {assignment}. Who did: {', '.join(here)}")
    wanted = tuple(students) or tuple(here)
    return LessonFeedback(
        classroom, assignment, lesson_notes.read(root, assignment, worked), found, everybody, wanted, released
    )


def write(made: LessonFeedback) -> Iterator[StudentFeedback]:
    """Write every page to feedback/<student>/<lesson>/, and say of each student what became of it.

    A submission whose page cannot be made is its own student's problem, never the class's.
    """
    mode = _permissions(made.classroom)
    for student in made.students:
        person = made.people.get(student, Person(student))
        if student not in made.submissions:
            yield StudentFeedback(person, reason="it was not graded, or could not be")
            continue
        if Path(student).name != student or student == "..":
            yield StudentFeedback(person, reason=f"the id {student!r} cannot name a folder")
            continue
        graded = made.classroom.path("autograded", student, made.assignment)
        try:
            files = pages(made, student, graded)
            if not files:
                yield StudentFeedback(person, reason=f"{graded} holds no notebook; grade it again")
                continue
            for name in CARRIED:
                if (graded / name).is_file():
                    files[name] = (graded / name).read_bytes()
            folder = made.classroom.path("feedback", student, made.assignment)
            place(folder, files, mode)
            yield StudentFeedback(person, tuple(folder / name for name in files if name.endswith(".html")))
        except (OSError, ValueError) as error:
            yield StudentFeedback(person, reason=str(error))


def pages(made: LessonFeedback, student: str, graded: Path) -> dict[str, bytes]:
    """Make the pages of one student.

    Args:
        made: What the pages of the lesson share.
        student: The student's id.
        graded: The folder of the autograded notebooks.

    Returns:
        The page of each notebook by file name, as bytes of UTF-8.

    Raises:
        OSError: A notebook cannot be read.
        ValueError: A notebook is damaged.
    """
    files = {}
    for path in sorted(graded.glob("*.ipynb")):
        if path.stem in made.submissions[student].notebooks:
            answers = autograded_answers.read(path, made.released)
            page = learner_page.page_of(made.submissions[student], path.stem, answers, made.notes)
            files[f"{path.stem}.html"] = learner_page.render(page).encode()
    return files


def _permissions(classroom: Classroom) -> Permissions:
    """What nbgrader's GenerateFeedback would set."""
    shared = bool(classroom.folders.groupshared)
    asked = classroom.config.GenerateFeedback.get("permissions", 664 if shared else 644)
    return Permissions(int(str(asked), 8), shared)
