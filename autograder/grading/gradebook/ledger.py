"""The only writer of the gradebook: graded submissions in batches, a record of what was done, and a history.

A batch is written in one transaction, after the autograded files are in their place. A submission counts
as done only when its record is committed; a run that is killed anywhere grades it again, to the same end.
Ledgers of several graders take turns, batch by batch (see `locks`), and what one has written the others leave
as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sql
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from autograder.core.errors import GradingError
from autograder.grading.assignment.snapshot import Snapshot
from autograder.grading.gradebook import autograded_files, row_changes, row_writes
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.lateness import penalty_of
from autograder.grading.gradebook.locks import alone
from autograder.grading.gradebook.registration import REGISTERING
from autograder.grading.gradebook.row_changes import Change, Graded, Plan, Refused
from autograder.grading.gradebook.tables import GRADED, HISTORY, RECORDS, REFUSED, Row, nbgraders_tables

__all__ = ["Change", "Graded", "Ledger"]

_PATIENCE = 60  # seconds to wait for somebody else's lock on an SQLite gradebook
_ATTEMPTS = 5
_TAKEN_BACK = ("40001", "40P01")  # PostgreSQL's words for a serialization failure and a deadlock


class Ledger:
    """Records one assignment's submissions in nbgrader's gradebook. For one process."""

    def __init__(
        self,
        classroom: Classroom,
        snapshot: Snapshot,
        engine_id: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC).replace(tzinfo=None),
    ):
        """Open the gradebook. Raises GradingError where it cannot be.

        Args:
            classroom: The course.
            snapshot: The assignment whose submissions are recorded.
            engine_id: Says with what was graded.
            now: The time, UTC without a zone.
        """
        from nbgrader.converters import Autograde

        self._classroom, self._snapshot, self._engine_id, self._now = classroom, snapshot, engine_id, now
        url = classroom.folders.db_url
        lite = url.startswith("sqlite")
        # No pool: a connection that is open while workers are forked would be theirs too.
        self._database = sql.create_engine(
            url, poolclass=NullPool, connect_args={"timeout": _PATIENCE} if lite else {}
        )
        self._begin = "BEGIN IMMEDIATE" if lite else ""
        try:
            with classroom.gradebook() as gradebook:
                self._keys = row_changes.catalog(gradebook, snapshot.assignment)
            with alone(classroom, REGISTERING):
                RECORDS.create(self._database, checkfirst=True)
                HISTORY.create(self._database, checkfirst=True)
        except (SQLAlchemyError, ValueError) as error:
            raise GradingError(f"the gradebook cannot be opened: {error}") from error
        self._penalty = penalty_of(classroom)
        self._mode = autograded_files.permissions(classroom)
        self._admits = Autograde(coursedir=classroom.folders, config=classroom.config).create_student
        self._tables = nbgraders_tables()
        self._waiting: dict[str, Graded | Refused] = {}
        self._done: dict[str, str] | None = None

    def done(self, student: str, fingerprint: str) -> bool:
        """Whether exactly this submission was graded with exactly this snapshot, and the files are there."""
        if self._done is None:
            self._done = self._read_done(())
        if self._done.get(student) != self._print(fingerprint):
            return False
        handed_in, graded = (
            self._classroom.path(step, student, self._snapshot.assignment)
            for step in ("submitted", "autograded")
        )
        names = [f"{name}.ipynb" for name in self._snapshot.notebooks]
        return all((graded / name).is_file() for name in names if (handed_in / name).is_file())

    def record(self, submission: Graded) -> None:
        """Take a graded submission; `commit` writes it."""
        if submission.student in self._waiting:
            self.commit()
        self._waiting[submission.student] = submission

    def refuse(self, student: str, reason: str, fingerprint: str, tier: int) -> None:
        """Take a submission that could not be graded; `commit` writes that. Its marks stay as they are.

        Args:
            student: The student's id.
            reason: Why, in words for the grader.
            fingerprint: Of the submission.
            tier: The sandbox's.
        """
        if student in self._waiting:
            self.commit()
        self._waiting[student] = Refused(student, reason, fingerprint, tier)

    def commit(self) -> None:
        """Write all that was taken. Raises GradingError if the gradebook cannot be written to.

        A submission that cannot be written becomes one that could not be graded.
        """
        if not self._waiting:
            return
        try:
            # Files and rows in one turn: of two graders at once, the later one's must not be mixed with ours.
            with alone(self._classroom, self._snapshot.assignment):
                batch = [self._placed(one) for one in self._fresh()]
                try:
                    self._write_patiently(batch)
                except OperationalError:
                    raise
                except SQLAlchemyError:
                    self._write_apart(batch)
        except OperationalError as error:
            raise GradingError(f"the gradebook cannot be written to: {error.orig}") from error
        self._waiting.clear()

    def preview(self, submission: Graded) -> list[Change]:
        """What recording the submission would change. Raises GradingError if the late penalty fails."""
        with self._database.connect() as connection:
            have = row_changes.held(connection, self._keys, [submission.student])
        return row_changes.plan(submission, have[submission.student], self._keys, self._penalty).changes

    def close(self) -> None:
        """Commit what waits, and let go of the gradebook."""
        self.commit()
        self._database.dispose()

    def _fresh(self) -> list[Graded | Refused]:
        """What waits, without what another grader has graded just so since this one looked."""
        if self._done is None:  # nobody asked what is done: all is to be graded anew
            return list(self._waiting.values())
        others = {
            student: print_
            for student, print_ in self._read_done(list(self._waiting)).items()
            if self._done.get(student) != print_ == self._print(self._waiting[student].fingerprint)
        }
        self._done.update(others)
        return [one for one in self._waiting.values() if one.student not in others]

    def _placed(self, one: Graded | Refused) -> Graded | Refused:
        """Put the autograded files in their place."""
        if isinstance(one, Refused):
            return one
        folder = self._classroom.path("autograded", one.student, self._snapshot.assignment)
        notebooks = {f"{name}.ipynb": data for name, (data, _) in one.notebooks.items()}
        ignored = [*self._classroom.folders.ignore, "*.ipynb"]
        files = autograded_files.without_ignored(one.files, ignored)
        try:
            autograded_files.place(folder, {**files, **self._snapshot.files, **notebooks}, self._mode)
            autograded_files.share_root(self._classroom.path("autograded", ".", "."), self._mode)
        except OSError as error:
            reason = f"its autograded files could not be written: {error.strerror}"
            return Refused(one.student, reason, one.fingerprint, one.tier)
        return one

    def _write_patiently(self, batch: list[Graded | Refused]) -> None:
        """Write, and again where the database took it back in favour of somebody else's transaction."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                return self._write(batch)
            except OperationalError as error:
                if not left or getattr(error.orig, "sqlstate", "") not in _TAKEN_BACK:
                    raise

    def _write_apart(self, batch: list[Graded | Refused]) -> None:
        """Write each on its own, since one of them makes the database refuse the batch."""
        for one in batch:
            try:
                self._write_patiently([one])
            except SQLAlchemyError as error:
                reason = f"the gradebook does not take it: {str(error).splitlines()[0]}"
                try:
                    self._write_patiently([Refused(one.student, reason, one.fingerprint, one.tier)])
                except SQLAlchemyError as second:
                    problem = str(second).splitlines()[0]
                    raise GradingError(f"the gradebook cannot be written to: {problem}") from second

    def _write(self, batch: list[Graded | Refused]) -> None:
        if not batch:
            return
        with self._database.connect() as connection:
            if self._begin:  # before reading: what was read must still hold when it is written
                connection.exec_driver_sql(self._begin)
            graded = [one.student for one in batch if isinstance(one, Graded)]
            have = row_changes.held(connection, self._keys, graded)
            plans, records, history = [], [], []
            for one in batch:
                if isinstance(one, Graded):
                    try:
                        if not (have[one.student].student or self._admits):
                            raise GradingError("the gradebook has no such student")
                        plans.append(row_changes.plan(one, have[one.student], self._keys, self._penalty))
                        records.append(self._record(one, plans[-1]))
                        if plans[-1].changes:
                            history.append({one.name: records[-1][one.name] for one in HISTORY.columns})
                        continue
                    except GradingError as error:
                        one = Refused(one.student, str(error), one.fingerprint, one.tier)
                records.append(self._record(one, None))
            row_writes.write_plans(connection, self._tables, plans)
            row_writes.replace_records(connection, records)
            if history:
                connection.execute(HISTORY.insert(), history)
            connection.commit()
        if self._done is not None:
            self._done.update(
                {row["student_id"]: row["fingerprint"] for row in records if row["outcome"] == GRADED}
            )

    def _record(self, one: Graded | Refused, plan: Plan | None) -> Row:
        return {
            "assignment": self._snapshot.assignment,
            "student_id": one.student,
            "fingerprint": self._print(one.fingerprint),
            "when": self._now(),
            "tier": one.tier,
            "engine": self._engine_id,
            "outcome": REFUSED if plan is None else GRADED,
            "details": row_writes.details_of(one, plan),
        }

    def _read_done(self, students: Sequence[str]) -> dict[str, str]:
        """By student the fingerprint of what is graded; without `students`, of all."""
        submissions = self._tables["submitted_assignment"]
        query = row_writes.done_query(submissions, self._keys.assignment, self._snapshot.assignment, students)
        with self._database.connect() as connection:
            return {row.student_id: row.fingerprint for row in connection.execute(query)}

    def _print(self, fingerprint: str) -> str:
        """A submission's fingerprint together with the snapshot's."""
        return sha256(f"{fingerprint} {self._snapshot.digest}".encode()).hexdigest()
