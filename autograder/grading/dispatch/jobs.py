"""A submission in submitted/ -> a job for a worker, and a worker's answer -> the ledger."""

from __future__ import annotations

import hashlib

from autograder.core.errors import GradingError
from autograder.grading.assignment import snapshot
from autograder.grading.execution.grade_submission import ENGINE, Done, Job
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.ledger import Graded
from autograder.grading.gradebook.submitted_files import (
    LARGEST_SUBMISSION,
    shown,
    submitted_files,
    timestamp_of,
)


def unwritable(student: str) -> str:
    """Why the gradebook cannot hold a student of that name; '' where it can."""
    try:
        student.encode()
    except UnicodeEncodeError:
        return "the name of its folder is not stored as UTF-8; rename the folder"
    return ""


def read_job(classroom: Classroom, assignment: str, student: str, taken: snapshot.Snapshot) -> Job:
    """A submission as it lies in submitted/.

    Args:
        classroom: The course.
        assignment: By its whole name.
        student: The student's id.
        taken: The assignment, which says what are its notebooks and which files are its own.

    Raises:
        GradingError: There is nothing to grade, or too much.
    """
    folder = classroom.path("submitted", student, assignment)
    notebooks, files, size = {}, {}, 0
    for path in submitted_files(folder):
        size += path.stat().st_size
        if size > LARGEST_SUBMISSION:
            raise GradingError(f"its files are larger than {LARGEST_SUBMISSION >> 20} MB together")
        name = path.relative_to(folder)
        if path.suffix == ".ipynb" and len(name.parts) == 1:
            if path.stem in taken.notebooks:
                notebooks[path.stem] = path.read_bytes()
        elif str(name) not in taken.files or str(name) in taken.keep:
            files[str(name)] = path.read_bytes()
    if not notebooks:
        wanted = " and ".join(f"{name}.ipynb" for name in taken.notebooks)
        there = ", ".join(shown(path.name) for path in sorted(folder.glob("*"))[:5]) or "nothing"
        raise GradingError(f"{wanted} is missing; the folder holds {there}")
    return Job(student, notebooks, files)


def graded_of(
    classroom: Classroom, assignment: str, done: Done, taken: snapshot.Snapshot, print_: str, tier: int
) -> Graded:
    """What the ledger writes of a submission that was graded.

    Args:
        classroom: The course.
        assignment: By its whole name.
        done: What a worker answered.
        taken: The assignment that it was graded by.
        print_: The submission's `fingerprint`.
        tier: Of the sandbox that it was run in.
    """
    folder = classroom.path("submitted", done.student, assignment)
    return Graded(
        student=done.student,
        timestamp=timestamp_of(folder),
        notebooks=dict(done.notebooks),
        missing=frozenset(taken.notebooks) - frozenset(done.notebooks),
        fingerprint=print_,
        tier=tier,
        notes=done.notes,
        files={
            str(path.relative_to(folder)): path.read_bytes()
            for path in submitted_files(folder)
            if path.suffix != ".ipynb"
        },
    )


def fingerprint(classroom: Classroom, assignment: str, student: str, digest: str) -> str:
    """Of the submission, the snapshot and the engine: the same fingerprint is the same marks.

    Args:
        classroom: The course.
        assignment: By its whole name.
        student: The student's id.
        digest: The snapshot's.

    Returns:
        32 hexadecimal digits.
    """
    folder = classroom.path("submitted", student, assignment)
    found = hashlib.blake2b(f"{ENGINE}\0{digest}".encode(), digest_size=16)
    for path in submitted_files(folder):
        found.update(f"\0{path.relative_to(folder)}\0".encode("utf-8", "surrogateescape"))
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "blake2b").digest())
    return found.hexdigest()
