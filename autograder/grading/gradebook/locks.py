"""Taking turns: what would collide if two graders of a course did it at once, they do one after the other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sql
from sqlalchemy.pool import NullPool

from autograder.core.errors import GradingError
from autograder.grading.gradebook.course_directory import CONFIG, Classroom


@contextmanager
def alone(classroom: Classroom, what: str) -> Iterator[None]:
    """Wait until nobody else does `what` in this course's gradebook, and do it.

    PostgreSQL gives the turns itself, so graders on several machines take them, too. Else graders on one
    machine wait for each other, whatever they do. Whoever dies has ended its turn.
    """
    if classroom.folders.db_url.startswith("postgresql"):
        with _in_database(classroom.folders.db_url, what):
            yield
    else:
        with _in_folder(classroom):
            yield


@contextmanager
def _in_database(url: str, what: str) -> Iterator[None]:
    key = int.from_bytes(hashlib.blake2b(f"autograder {what}".encode(), digest_size=8).digest(), signed=True)
    # The lock is the session's: a transaction that lasts as long would keep PostgreSQL from cleaning up.
    database = sql.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        connection = database.connect()
        connection.execute(sql.text("SELECT pg_advisory_lock(:key)"), {"key": key})
    except sql.exc.SQLAlchemyError as error:
        raise GradingError(f"the gradebook cannot be opened: {error.args[0]}") from error
    with connection:
        yield


@contextmanager
def _in_folder(classroom: Classroom) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    # A file that every course has, so that nothing is left behind and all users of the course share it. Not
    # the gradebook: closing it would drop SQLite's own locks of this process.
    path = classroom.root / CONFIG
    flags = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY  # some network file systems want to write
    handle = os.open(path, flags | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        with suppress(OSError):  # said, since a process forked meanwhile holds the file open, too
            fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)
