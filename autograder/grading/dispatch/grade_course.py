"""Grade a course from Python: one call, which prints nothing. `autograder grade` is this call with a view.

An example is in docs/instructor.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.dispatch.engine import Engine, Settings, preload_for
from autograder.grading.execution.grade_submission import Done
from autograder.grading.gradebook import scores as reading
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.grades_csv import export
from autograder.grading.gradebook.ledger import Change
from autograder.grading.gradebook.scores import Result
from autograder.grading.trial.words import Row

ALL = "all"
"""In place of a lesson: every lesson of which somebody submitted something."""


@dataclass(frozen=True)
class CourseFound:
    """Grading begins: by assignment, whose submissions."""

    students: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class AssignmentBegun:
    """So many submissions of an assignment follow."""

    assignment: str
    submissions: int


@dataclass(frozen=True)
class SubmissionDone:
    """A submission was graded or could not be; `done` is None where it was graded before, just so."""

    assignment: str
    student: str
    done: Done | None


@dataclass(frozen=True)
class AssignmentResult:
    """Every submission of an assignment that was asked for, in the order of the students."""

    assignment: str
    submissions: tuple[Result, ...]


@dataclass(frozen=True)
class Notice:
    """A line to read: how an assignment's tests run, and which workers of a cluster grade or why not."""

    line: str


@dataclass(frozen=True)
class TrialRun:
    """So many runs of an assignment's trial are done, of so many. There is one where tests are new."""

    done: int
    total: int


Event = CourseFound | AssignmentBegun | TrialRun | SubmissionDone | AssignmentResult | Notice
"""In this order: a CourseFound; of each assignment its begin, its trial, its submissions and its result."""

Tell = Callable[[Event], None]


@dataclass(frozen=True)
class CourseResult:
    """A graded course: `gradebook` is the address of nbgrader's database, without a password."""

    assignments: tuple[AssignmentResult, ...]
    grades_csv: Path
    gradebook: str


@dataclass(frozen=True)
class AssignmentPreview:
    """What grading an assignment anew would change, by student; `submissions` counts all that were tried."""

    assignment: str
    submissions: int
    changes: Mapping[str, tuple[Change, ...]]


def _ignore(event: Event) -> None:
    """Nobody listens."""


def grade_course(
    root: Path,
    lesson: str = ALL,
    students: Sequence[str] = (),
    settings: Settings | None = None,
    due: dt.datetime | None = None,
    tell: Tell = _ignore,
) -> CourseResult:
    """Grade what was submitted, in a sandbox, into nbgrader's gradebook, and write grades.csv.

    What is graded already and has not changed is not run again. A call that was interrupted keeps what it
    graded; the same call goes on. It forks, so call it from a process without other threads.

    Args:
        root: The course's folder, with nbgrader_config.py and submitted/.
        lesson: An assignment or the beginning of its name, or `ALL`.
        students: Ids of those to grade; empty for everybody who submitted.
        settings: Limits, workers, sandbox, cluster; None for this machine's cores in a sandbox.
        due: The due date to set for the assignments, UTC without a zone; None leaves them as they are.
        tell: Called with each event, in this thread. What it raises ends the call.

    Returns:
        Every submission's points, verdicts and remarks, or the reason why it could not be graded.

    Raises:
        CourseError: There is nothing to grade, or no such student or lesson.
        GradingError: No sandbox works here, the gradebook cannot be written to, or the cluster is gone.
    """
    root = root.resolve()
    with closing(_engine(root, lesson, settings, tell)) as engine:
        classroom, wanted = _find(root, lesson, students)
        _set_due(classroom, wanted, due)
        tell(CourseFound(wanted))
        graded = []
        for assignment, those in wanted.items():
            tell(AssignmentBegun(assignment, len(those)))
            graded.append(_grade(engine, classroom, assignment, those, tell))
            tell(graded[-1])
        export(classroom, root / "grades.csv")
    return CourseResult(tuple(graded), root / "grades.csv", _address(classroom))


def preview_course(
    root: Path,
    lesson: str = ALL,
    students: Sequence[str] = (),
    settings: Settings | None = None,
    tell: Tell = _ignore,
) -> tuple[AssignmentPreview, ...]:
    """Say who would change, and by how much, if the course were graded now. Writes nothing.

    Args:
        root: The course's folder.
        lesson: An assignment or the beginning of its name, or `ALL`.
        students: Ids of those to try; empty for everybody who submitted.
        settings: As for `grade_course`.
        tell: Called with the notices of a cluster.

    Returns:
        One preview an assignment.

    Raises:
        CourseError: There is nothing to grade, or no such student or lesson.
        GradingError: No sandbox works here, or the cluster is gone.
    """
    root = root.resolve()
    with closing(_engine(root, lesson, settings, tell)) as engine:
        classroom, wanted = _find(root, lesson, students)
        found = []
        for assignment, those in wanted.items():
            tried = {student: tuple(some) for student, some in engine.preview(classroom, assignment, those)}
            changed = {student: some for student, some in tried.items() if some}
            found.append(AssignmentPreview(assignment, len(those), changed))
    return tuple(found)


def explain_course(
    root: Path, lesson: str = ALL, settings: Settings | None = None, tell: Tell = _ignore
) -> dict[str, list[Row]]:
    """Say how each test runs: isolated from the student's process or in it, and why.

    Args:
        root: The course's folder.
        lesson: An assignment or the beginning of its name, or `ALL`.
        settings: As for `grade_course`.
        tell: Called with notices and with the runs of trials, where tests are new.

    Returns:
        The tests of each assignment, in the order of its notebooks.

    Raises:
        CourseError: There is no such lesson, or nobody submitted anything.
        GradingError: No sandbox works here, or the cluster is gone.
    """
    root = root.resolve()
    with closing(_engine(root, lesson, settings, tell)) as engine:
        classroom, wanted = _find(root, lesson, ())
        return {assignment: engine.explain(classroom, assignment) for assignment in wanted}


def _set_due(classroom: Classroom, assignments: Iterable[str], due: dt.datetime | None) -> None:
    if due:
        with classroom.gradebook() as gradebook:
            for assignment in assignments:
                gradebook.update_or_create_assignment(assignment, duedate=due)


def _engine(root: Path, lesson: str, settings: Settings | None, tell: Tell) -> Engine:
    """It warms up while nbgrader is imported."""
    preload = preload_for(root, "" if lesson == ALL else lesson)
    return Engine(
        settings or Settings(),
        preload,
        say=lambda line: tell(Notice(line)),
        progress=lambda done, total: tell(TrialRun(done, total)),
    )


def _find(root: Path, lesson: str, students: Sequence[str]) -> tuple[Classroom, dict[str, list[str]]]:
    """The course, and who is graded in each assignment that `lesson` names."""
    classroom = Classroom(root)
    every = classroom.assignments()
    if lesson == ALL and ALL not in every:
        here = {name: found for name in every if (found := classroom.students(name))}
        if not here:
            raise CourseError(
                "nobody submitted anything: put each notebook at submitted/<student>/<lesson>/<lesson>.ipynb"
            )
    else:
        name = one_of(every, lesson, "assignment in source/")
        here = {name: classroom.students(name)}
        if not here[name]:
            raise CourseError(
                f"nobody submitted {name}: put each notebook at submitted/<student>/{name}/{name}.ipynb"
            )
    for student in students:
        if not any(student in found for found in here.values()):
            there = sorted({one for found in here.values() for one in found})
            raise CourseError(f"{student!r} did not submit {' or '.join(here)}. Who did: {', '.join(there)}")
    if students:
        here = {name: [one for one in students if one in found] for name, found in here.items()}
    return classroom, {name: found for name, found in here.items() if found}


def _grade(
    engine: Engine, classroom: Classroom, assignment: str, wanted: list[str], tell: Tell
) -> AssignmentResult:
    done: dict[str, Done | None] = {}
    with closing(engine.grade(classroom, assignment, wanted)) as outcomes:
        for student, outcome in outcomes:
            done[student] = outcome
            tell(SubmissionDone(assignment, student, outcome))
    with classroom.gradebook() as gradebook:
        most, scores = reading.scores(gradebook, assignment)
    found = []
    for student in wanted:
        outcome = done[student]
        if outcome and outcome.reason:
            found.append(Result(student, 0.0, most, 0.0, 0.0, reason=outcome.reason))
            continue
        row = scores[student]
        if outcome:
            verdicts, notes = outcome.verdicts, outcome.notes
        else:
            folder = classroom.path("autograded", student, assignment)
            verdicts, notes = dict(reading.verdicts_in(folder)), ()
        found.append(
            Result(
                student,
                row.score,
                most,
                row.penalty,
                row.seconds_late,
                verdicts,
                notes=notes,
                needs_manual_grade=row.needs_manual_grade,
            )
        )
    return AssignmentResult(assignment, tuple(found))


def _address(classroom: Classroom) -> str:
    from sqlalchemy import make_url

    return make_url(classroom.folders.db_url).render_as_string(hide_password=True)
