"""The class: who is in it, kept in nbgrader's gradebook and nowhere else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.core.atomic_write import write_whole
from autograder.core.errors import CourseError
from autograder.grading.gradebook.course_directory import Classroom

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")
"""The header of an exported roster: nbgrader's own, so that `nbgrader db student import` reads it too."""
LONGEST = 128
"""Characters that nbgrader's gradebook keeps of an id, a name or an address."""
_NOT_IN_FOLDERS = frozenset('/\\:*?"<>|+')
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
)


@dataclass(frozen=True)
class Learner:
    """One in the class. `id` names the folder in submitted/; `lms_id` is the platform's number of them."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def name(self) -> str:
        """First and last name, or what is known of them."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True)
class Changes:
    """What an import did: ids that are new, that changed, and those in the roster that it does not name."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    not_named: tuple[str, ...]


def unusable(id_: str) -> str:
    """Why an id cannot name a folder on every system; '' where it can."""
    if not id_:
        return "is empty"
    if len(id_) > LONGEST or len(id_.encode("utf-8", "replace")) > 200:
        return "is too long"
    if wrong := sorted(_NOT_IN_FOLDERS & set(id_)):
        return f"holds {' '.join(wrong)}, which the name of a folder may not"
    if not id_.isprintable() or id_ != id_.strip() or id_[0] in ".-" or id_[-1] == ".":
        return "begins or ends with a dot, dash or space, or holds what cannot be printed"
    if id_.partition(".")[0].casefold() in _DEVICES:
        return "is the name of a device on Windows"
    return ""


def read(classroom: Classroom) -> list[Learner]:
    """Everybody in the gradebook, by id; nobody where there is no gradebook yet."""
    if not _exists(classroom):
        return []  # opening it would make it
    with classroom.gradebook() as gradebook:
        return sorted(map(_learner, _students(gradebook)), key=lambda one: one.id)


def add(classroom: Classroom, learners: Sequence[Learner]) -> Changes:
    """Add learners to the gradebook, or bring them up to date: all, or none where that fails.

    What a learner leaves empty stays as it is; nobody is removed. Raises CourseError where a number or an
    address belongs to another id already.
    """
    from nbgrader.api import Student

    with classroom.gradebook() as gradebook:
        rows = {row.id: row for row in _students(gradebook)}
        _nobody_twice([_learner(row) for row in rows.values()], learners)
        added, changed = [], []
        for one in learners:
            new = {
                "first_name": one.first_name,
                "last_name": one.last_name,
                "email": one.email,
                "lms_user_id": one.lms_id,
            }
            given = {key: value for key, value in new.items() if value}
            if one.id not in rows:
                gradebook.db.add(Student(id=one.id, **given))
                added.append(one.id)
            elif any(getattr(rows[one.id], key) != value for key, value in given.items()):
                for key, value in given.items():
                    setattr(rows[one.id], key, value)
                changed.append(one.id)
        gradebook.db.commit()
    named = {one.id for one in learners}
    return Changes(tuple(added), tuple(changed), tuple(sorted(set(rows) - named)))


def export(classroom: Classroom, to: Path) -> int:
    """Write the roster as CSV in UTF-8, whole or not at all; returns how many are in it."""
    learners = read(classroom)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((one.id, one.first_name, one.last_name, one.email, one.lms_id) for one in learners)
    if not to.parent.is_dir():
        raise CourseError(f"{to.parent} is no folder. Make it, or name another file.")
    write_whole(to, text.getvalue())
    return len(learners)


def _nobody_twice(there: Iterable[Learner], coming: Iterable[Learner]) -> None:
    """The same person under two ids would be graded as two."""
    for what in ("email", "lms_id"):
        known = {getattr(one, what).casefold(): one.id for one in there if getattr(one, what)}
        for one in coming:
            owner = known.get(getattr(one, what).casefold(), one.id) if getattr(one, what) else one.id
            if owner != one.id:
                raise CourseError(
                    f"{one.id}: {getattr(one, what)} belongs to {owner} in the roster. Use the id {owner} for"
                    " that person, or correct one of the two. Nothing was changed."
                )


def _exists(classroom: Classroom) -> bool:
    scheme, _, path = classroom.folders.db_url.partition(":///")
    return scheme != "sqlite" or Path(path).exists()


class _Row(Protocol):
    """A student in nbgrader's table."""

    id: str
    first_name: str | None
    last_name: str | None
    email: str | None
    lms_user_id: str | None


class _Gradebook(Protocol):
    students: Iterable[_Row]


def _students(gradebook: _Gradebook) -> list[_Row]:
    return list(gradebook.students)


def _learner(row: _Row) -> Learner:
    return Learner(row.id, row.first_name or "", row.last_name or "", row.email or "", row.lms_user_id or "")
