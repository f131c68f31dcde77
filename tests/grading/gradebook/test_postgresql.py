"""The gradebook in PostgreSQL: the same rows as in SQLite, and two graders at once lose nothing."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import OperationalError

from autograder.authoring.building import build as building
from autograder.core.errors import GradingError
from autograder.course import course_toml as courses
from autograder.grading.assignment import snapshot
from autograder.grading.assignment.scoring import Mark, Marks
from autograder.grading.gradebook import course_directory, locks, take_snapshot
from autograder.grading.gradebook.ledger import Graded, Ledger
from autograder.grading.gradebook.registration import register
from tests.support import postgres
from tests.support.gradebooks import every_row, url_of
from tests.support.runs import after, files, finish, kill_when, make_class, start
from tests.support.small_class import write_course
from tests.support.verbs import with_lesson

pytest.importorskip("psycopg", reason="no psycopg: pip install 'psycopg[binary]'")
SECOND = "02-dice"


@pytest.fixture(scope="module")
def database() -> Iterator[Callable[[], str]]:
    """Makes an empty database and says its URL."""
    numbers = itertools.count()
    with postgres.server() as make:
        yield lambda: make(f"course-{next(numbers)}")


@pytest.fixture(scope="module")
def small(built_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 20 in two lessons, not graded."""
    home = tmp_path_factory.mktemp("postgres")
    course = with_lesson(courses.read(shutil.copytree(built_once, home / "course")), SECOND)
    building.build(course, course.lessons)
    folder = make_class(course.root, home / "class", 20)
    shutil.copytree(course.root / "source" / SECOND, folder / "source" / SECOND)
    for student in sorted(path.name for path in (folder / "submitted").iterdir()):
        if student[-1] in "02468":
            shutil.copytree(course.root / "release" / SECOND, folder / "submitted" / student / SECOND)
    return folder


def with_url(folder: Path, url: str) -> Path:
    """Let the course's gradebook be there."""
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.CourseDirectory.db_url = {url!r}\n")
    return folder


def graded_files(folder: Path) -> dict[str, bytes]:
    found = files(folder)
    found["grades.csv"] = b"".join(sorted(found["grades.csv"].splitlines(True)))
    del found["nbgrader_config.py"]
    return found


def in_turn(folder: Path) -> Path:
    """Both lessons graded, one after the other, by one grader."""
    finish(folder)
    finish(folder, lesson="02")
    return folder


@pytest.fixture(scope="module")
def in_sqlite(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return in_turn(shutil.copytree(small, tmp_path_factory.mktemp("sqlite") / "class"))


@pytest.mark.slow
def test_the_same_rows_as_in_sqlite(small, in_sqlite, database, tmp_path):
    url = database()
    folder = in_turn(with_url(shutil.copytree(small, tmp_path / "class"), url))
    assert not (folder / "gradebook.db").exists()
    rows = every_row(url, {"when"})
    assert len(rows) > 400
    assert rows == every_row(url_of(in_sqlite), {"when"})
    assert graded_files(folder) == graded_files(in_sqlite)
    finish(folder)  # nothing to do, and nothing changes
    assert every_row(url, {"when"}) == rows


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
@pytest.mark.parametrize("lessons", [("01", "01"), ("01", "02")], ids=["same lesson", "two lessons"])
def test_two_graders_at_once_lose_nothing(small, in_sqlite, database, tmp_path, kind, lessons):
    folder = shutil.copytree(small, tmp_path / "class")
    url = url_of(folder)
    if kind == "postgresql":
        url = database()
        with_url(folder, url)
    runs = [start(folder, lesson=lesson) for lesson in lessons]
    said = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(said)
    if "02" not in lessons:
        finish(folder, lesson="02")
    assert every_row(url, {"when"}) == every_row(url_of(in_sqlite), {"when"})
    assert graded_files(folder) == graded_files(in_sqlite)


@pytest.mark.slow
def test_a_killed_run_goes_on(small, in_sqlite, database, tmp_path):
    url = database()
    folder = with_url(shutil.copytree(small, tmp_path / "class"), url)
    for seconds in (1.5, 2.5, 3.5):
        kill_when(folder, after(seconds))
    in_turn(folder)
    assert every_row(url, {"when"}) == every_row(url_of(in_sqlite), {"when"})
    assert graded_files(folder) == graded_files(in_sqlite)


@pytest.fixture
def work(database: Callable[[], str], tmp_path: Path) -> tuple[course_directory.Classroom, snapshot.Snapshot]:
    """The hand-written course, registered in PostgreSQL."""
    write_course(tmp_path)
    classroom = course_directory.Classroom(with_url(tmp_path, database()))
    register(classroom, "work")
    return classroom, take_snapshot.take(classroom, "work")


def quick(student: str, score: float = 2.0) -> Graded:
    marks = Marks((Mark("d", score), Mark("same", 1.0)), {"d-answer": None}, {})
    return Graded(student, None, {"two": (b"{}", marks)}, {"one"}, "f", 1)


def test_a_manual_grade_given_meanwhile_stays(work):
    classroom, taken = work
    book = Ledger(classroom, taken, "test 1")
    book.record(quick("eve"))
    book.commit()
    with classroom.gradebook() as gradebook:
        gradebook.find_grade("d", "two", "work", "eve").manual_score = 1.5
        gradebook.db.commit()
    book.record(quick("eve", score=0.0))
    book.close()
    with classroom.gradebook() as gradebook:
        grade = gradebook.find_grade("d", "two", "work", "eve")
        assert (grade.auto_score, grade.manual_score, grade.needs_manual_grade) == (0.0, 1.5, True)


def test_a_transaction_that_was_taken_back_is_written_again(work, monkeypatch):
    classroom, taken = work
    book = Ledger(classroom, taken, "test 1")
    write, failures = book._write, []

    class Deadlock(Exception):
        sqlstate = "40P01"

    def fail_twice(batch: Any) -> None:
        if len(failures) < 2:
            failures.append(1)
            raise OperationalError("INSERT", {}, Deadlock("deadlock detected"))
        write(batch)

    monkeypatch.setattr(book, "_write", fail_twice)
    book.record(quick("eve"))
    book.close()
    assert len(failures) == 2
    with classroom.gradebook() as gradebook:
        assert gradebook.find_submission("work", "eve").score == 3


def test_students_that_come_twice_at_once(work):
    """Another grader has inserted the student, and has not committed yet."""
    classroom, taken = work
    book = Ledger(classroom, taken, "test 1")
    database = sql.create_engine(classroom.folders.db_url)
    with database.connect() as other:
        other.exec_driver_sql("INSERT INTO student (id) VALUES ('eve')")
        child = os.fork()
        if child == 0:
            try:
                book.record(quick("ann"))
                book.record(quick("eve"))
                book.commit()
                os._exit(0)
            finally:
                os._exit(1)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        with sql.create_engine(classroom.folders.db_url, isolation_level="AUTOCOMMIT").connect() as look:
            while not look.exec_driver_sql(waits).scalar():
                assert os.waitpid(child, os.WNOHANG)[0] == 0, "it did not wait"
        other.commit()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    database.dispose()
    with classroom.gradebook() as gradebook:
        assert {one.id: one.score for one in gradebook.students} == {"ann": 3, "eve": 3}


def test_turns(work, monkeypatch):
    """Who comes second waits until the first has ended, in the database as in the folder."""
    classroom, _ = work
    for url in (classroom.folders.db_url, "sqlite:///x"):
        monkeypatch.setattr(classroom.folders, "db_url", url)
        read, write = os.pipe()
        with locks.alone(classroom, "x"):
            child = os.fork()
            if child == 0:
                try:
                    with locks.alone(classroom, "x"):
                        os.write(write, b"second")
                finally:
                    os._exit(0)
            os.set_blocking(read, False)
            for _ in range(20):
                with pytest.raises(BlockingIOError):
                    os.read(read, 9)
                os.sched_yield()
        os.set_blocking(read, True)
        assert os.read(read, 9) == b"second"
        os.waitpid(child, 0)


def test_no_server_is_one_line(tmp_path):
    write_course(tmp_path)
    with_url(tmp_path, f"postgresql+psycopg://grader@/course?host={tmp_path}")
    with pytest.raises(GradingError, match=r"the gradebook cannot be opened: .*connection"):
        register(course_directory.Classroom(tmp_path), "work")


def test_no_driver_is_one_line(tmp_path, monkeypatch):
    write_course(tmp_path)
    with_url(tmp_path, "postgresql+psycopg://grader@/course")
    monkeypatch.setattr(course_directory, "find_spec", lambda name: None)
    with pytest.raises(GradingError, match=r"pip install 'psycopg\[binary\]'"):
        course_directory.Classroom(tmp_path)
