"""The ledger: nbgrader's own rows and files for honest submissions, and what nbgrader has no word for."""

from __future__ import annotations

import datetime as dt
import json
import os
import pickle
import re
import shutil
import sqlite3
import stat
import warnings
from contextlib import closing

import nbformat
import pytest
from nbgrader.api import Base
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DataError

from autograder.core.cell_tags import AFTER_HIDDEN_TESTS
from autograder.core.errors import GradingError
from autograder.grading.assignment.scoring import Mark, Marks
from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.gradebook import course_directory, row_writes, take_snapshot
from autograder.grading.gradebook import ledger as ledgers
from autograder.grading.gradebook.ledger import Change, Graded, Ledger
from autograder.grading.gradebook.row_changes import LATE
from autograder.grading.sandbox.limits import Limits
from tests.support.small_class import NAME, hand_in, write_course

DUE = dt.datetime(2030, 1, 10, 12)
EARLY, LATER = "2030-01-09 12:00:00 UTC", "2030-01-11 12:00:00 UTC"
MANUAL = {"essay": "Many words.", "program": "print('hello')"}
RIGHT = {"a-answer": "a = 4", "b-answer": "b = 2", "c-answer": "import mine; c = mine.value"}


def released(classroom, tmp):
    """The assignment as `nbgrader generate_assignment` hands it out."""
    classroom.config.CourseDirectory.release_directory = str(tmp)
    classroom._convert("GenerateAssignment", classroom.config, NAME, ".")
    del classroom.config.CourseDirectory["release_directory"]
    return next(tmp.rglob("one.ipynb")).parent


def submit_all(root, handout):
    two = {"d-answer": "d = open('data.csv').read().strip()"}
    hand_in(
        root,
        "ann",
        handout,
        {**RIGHT, **two, **MANUAL, "b-answer": "b = 1"},
        stamp=EARLY,
        files={"mine.py": "value = 5\n", "data.csv": "8\n", "own/notes.txt": "n", "x.pyc": ""},
    )
    flood = "for i in range(100): print(i)\na = 5"
    deep = "def f(n): return f(n - 1) if n else 1 / 0\nb = f(9)"
    hand_in(root, "bob", handout, {**two, "a-answer": flood, "b-answer": deep}, stamp=LATER)
    harmless = "import warnings; warnings.warn('harmless'); c = 'harmless'"
    hand_in(root, "cyd", handout, {"c-answer": harmless, "essay": "Few."}, names=("one",))
    hand_in(root, "dee", handout, two, names=("two",), stamp="")


def rows(classroom):
    """Every row of every table of nbgrader's, ids told by what they stand for."""
    database = create_engine(classroom.folders.db_url)
    found = {}
    with database.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [dict(row) for row in connection.execute(table.select()).mappings()]
    database.dispose()
    names = {}
    for kind in ("assignment", "notebook", "base_cell", "submitted_assignment", "submitted_notebook"):
        for row in found[kind]:
            parts = (row.get("name"), row.get("type"), row.get("student_id"))
            parents = (names.get(row.get(key)) for key in ("notebook_id", "assignment_id"))
            names[row["id"]] = f"{kind} {[*parts, *parents]}"
    for kind in ("source_cell", "grade", "comment"):
        names.update({row["id"]: kind for row in found[kind]})
    return {
        kind: sorted(
            json.dumps({key: names.get(value, value) for key, value in row.items()}, default=str)
            for row in these
        )
        for kind, these in found.items()
    }


def files(classroom):
    """Every autograded file, its mode, and its content without times."""
    folder = classroom.path("autograded", ".", ".")
    found = {}
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts:  # nbgrader runs the notebook in this very folder
            continue
        data = None if path.is_dir() else path.read_bytes()
        if path.suffix == ".ipynb":
            notebook = nbformat.reads(data.decode(), 4)
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
                cell.metadata.pop(AFTER_HIDDEN_TESTS, None)  # its outputs are held back from feedback
                for output in cell.get("outputs", []):  # a warning names its process
                    if output.output_type == "stream":
                        output.text = output.text.replace(str(classroom.root), "")
                        output.text = re.sub(r"ipykernel_\d+", "ipykernel", output.text)
            data = nbformat.writes(notebook)
        found[str(path.relative_to(folder))] = (stat.S_IMODE(path.stat().st_mode), data)
    return found


def by_hand(classroom):
    """What a person gives between two gradings."""
    with classroom.gradebook() as gradebook:
        essay = gradebook.find_grade("essay", "one", NAME, "ann")
        essay.manual_score, essay.needs_manual_grade, essay.extra_credit = 3.5, False, 0.5
        chore = gradebook.find_grade("chore", "one", NAME, "ann")
        chore.manual_score, chore.needs_manual_grade = 4, False
        gradebook.find_grade("a", "one", NAME, "bob").manual_score = 1
        gradebook.find_comment("essay", "one", NAME, "ann").manual_comment = "Well said."
        gradebook.find_submission_notebook("one", NAME, "ann").flagged = True
        gradebook.db.commit()
        gradebook.grant_extension(NAME, "cyd", days=1)


def resubmit(classroom, handout):
    shutil.rmtree(classroom.path("submitted", "ann", NAME))
    hand_in(classroom.root, "ann", handout, RIGHT, files={"mine.py": "value = 6\n"})
    (classroom.path("submitted", "cyd", NAME) / "timestamp.txt").write_text("2030-01-12 11:00:00 UTC")


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """The same class graded twice, by stock nbgrader and by the engine."""
    warnings.simplefilter("ignore")
    found = []
    for side in ("stock", "ours"):
        root = tmp_path_factory.mktemp(side)
        write_course(root)
        classroom = course_directory.Classroom(root)
        handout = released(classroom, root / "release")
        with classroom.gradebook() as gradebook:
            gradebook.update_or_create_assignment(NAME, duedate=DUE)
        submit_all(root, handout)
        found.append((classroom, handout))
    (theirs, handout), (ours, _) = found
    everyone, again = ["ann", "bob", "cyd", "dee"], ["ann", "bob", "cyd"]
    snaps = []

    def stock_side():
        for student in everyone:
            theirs.autograde(NAME, student)
        snaps.append((rows(theirs), files(theirs)))
        by_hand(theirs)
        resubmit(theirs, handout)
        for student in again:
            theirs.autograde(NAME, student)
        return rows(theirs), files(theirs)

    after_stock = stock_side()
    with closing(Engine(Settings(Limits(cell_seconds=30), workers=2))) as engine:
        done = dict(engine.grade(ours, NAME, everyone))
        assert all(one and not one.reason and not one.notes for one in done.values()), done
        first = (rows(ours), files(ours))
        by_hand(ours)
        resubmit(ours, handout)
    with closing(Engine(Settings(Limits(cell_seconds=30), workers=2, force=True))) as engine:
        done = dict(engine.grade(ours, NAME, again))
        assert all(one and not one.reason for one in done.values()), done
    return {"first": (snaps[0], first), "again": (after_stock, (rows(ours), files(ours))), "ours": ours}


@pytest.mark.parametrize("when", ["first", "again"])
def test_every_row_is_nbgraders(classes, when):
    (theirs, _), (ours, _) = classes[when]
    assert len(theirs["grade"]) == 4 * 8
    for table, wanted in theirs.items():
        assert ours[table] == wanted, table


@pytest.mark.parametrize("when", ["first", "again"])
def test_every_autograded_file_is_nbgraders(classes, when):
    (_, theirs), (_, ours) = classes[when]
    assert list(ours) == list(theirs)
    for name, wanted in theirs.items():
        assert ours[name] == wanted, name


def test_the_varied_class_is_varied(classes):
    """The comparison means something: partial credit, penalties, manual grades and truncation occur."""
    with classes["ours"].gradebook() as gradebook:
        scores = {
            one.student_id: (one.score, sum(n.late_submission_penalty or 0 for n in one.notebooks))
            for one in gradebook.assignment_submissions(NAME)
        }
    assert scores["ann"][0] == 2 + 3 + 3.5 + 0.5 + 4 + 1
    assert scores["bob"] == (4, 4) and scores["dee"] == (3, 0)
    flood = classes["ours"].path("autograded", "bob", NAME) / "one.ipynb"
    assert "... Output truncated ..." in flood.read_text()


# What nbgrader has no word for, on a class that is graded without running anything.


@pytest.fixture(scope="module")
def registered(tmp_path_factory):
    """A course whose gradebook knows the assignment; copy it, never change it."""
    root = tmp_path_factory.mktemp("registered") / "course"
    write_course(root)
    course_directory.Classroom(root).register(NAME)
    return root


@pytest.fixture
def small(registered, tmp_path):
    """A fresh course, ready to grade, and its snapshot."""
    classroom = course_directory.Classroom(shutil.copytree(registered, tmp_path / "course"))
    return classroom, take_snapshot.take(classroom, NAME)


def quick(student="eve", score=2.0, fingerprint="f", **more):
    """A submission of notebook two, as if graded."""
    marks = Marks((Mark("d", score), Mark("same", 1.0)), {"d-answer": None}, {})
    return Graded(student, None, {"two": (b"{}\n", marks)}, {"one"}, fingerprint, 1, **more)


def score_of(classroom, student="eve"):
    with classroom.gradebook() as gradebook:
        return gradebook.find_submission(NAME, student).score


def records(classroom):
    database = create_engine(classroom.folders.db_url)
    with database.connect() as connection:
        found = list(connection.execute(text("SELECT * FROM autograder_ledger")).mappings())
    database.dispose()
    return {row["student_id"]: {**row, "details": json.loads(row["details"])} for row in found}


def test_done_means_this_submission_this_snapshot_and_the_files(small):
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1")
    submitted = classroom.path("submitted", "eve", NAME)
    submitted.mkdir(parents=True)
    (submitted / "two.ipynb").write_text("{}")
    assert not book.done("eve", "f")
    book.record(quick())
    assert not book.done("eve", "f")
    book.commit()
    assert book.done("eve", "f") and not book.done("eve", "g") and not book.done("joe", "f")
    assert Ledger(classroom, taken, "test 1").done("eve", "f")
    source = classroom.path("source", ".", NAME) / "data.csv"
    source.write_text("4\n")
    changed = take_snapshot.take(classroom, NAME)
    assert changed.digest != taken.digest
    assert not Ledger(classroom, changed, "test 1").done("eve", "f")
    (classroom.path("autograded", "eve", NAME) / "two.ipynb").unlink()
    assert not book.done("eve", "f")


def test_a_refusal_keeps_the_marks_and_says_why(small):
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1")
    book.record(quick())
    book.refuse("eve", "the file is no notebook", "g", 2)
    book.refuse("joe", "nothing was handed in", "h", 2)
    book.close()
    assert score_of(classroom) == 3
    found = records(classroom)
    assert found["eve"]["outcome"] == found["joe"]["outcome"] == "could not grade"
    assert found["eve"]["details"] == {"reason": "the file is no notebook"} and found["eve"]["tier"] == 2
    assert not Ledger(classroom, taken, "test 1").done("eve", "f")


def test_a_record_tells_old_and_new_scores(small):
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1", now=lambda: dt.datetime(2030, 1, 1))
    book.record(quick(notes=("mended",)))
    book.commit()
    book.record(quick(score=0.5))
    book.close()
    found = records(classroom)["eve"]
    assert found["details"] == {"changes": [["two", "d", 2.0, 0.5]], "notes": []}
    assert found["engine"] == "test 1" and str(found["when"]).startswith("2030-01-01 00:00:00")


def test_preview_writes_nothing(small):
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1")
    before = rows(classroom)
    new = book.preview(quick())
    assert Change("eve", "two", "d", None, 2.0) in new and Change("eve", "one", "a", None, 0.0) in new
    assert rows(classroom) == before and not classroom.path("autograded", "eve", NAME).exists()
    book.record(quick())
    book.commit()
    assert book.preview(quick()) == []
    assert book.preview(quick(score=1.0)) == [Change("eve", "two", "d", 2.0, 1.0)]
    with classroom.gradebook() as gradebook:
        gradebook.find_grade("d", "two", NAME, "eve").manual_score = 2.0
        gradebook.db.commit()
    assert book.preview(quick(score=1.0)) == []
    book.close()


def test_a_late_submission_previews_its_penalty(small):
    classroom, taken = small
    with classroom.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    book = Ledger(classroom, taken, "test 1")
    late = Graded(**{**vars(quick()), "timestamp": DUE + dt.timedelta(seconds=1)})
    assert Change("eve", "two", LATE, 0.0, -3.0) in [
        Change(c.student, c.notebook, c.grade, c.old or 0.0, c.new) for c in book.preview(late)
    ]


def test_one_bad_row_does_not_take_the_batch_along(small, monkeypatch):
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1")
    write_all = row_writes.write_plans

    def refusing(connection, tables, plans):
        for plan in plans:
            if any(row["id"] == "bad" for row in plan.inserts["student"]):
                raise DataError("INSERT", {}, Exception("value too long"))
        write_all(connection, tables, plans)

    monkeypatch.setattr(row_writes, "write_plans", refusing)
    for student in ("eve", "bad", "joe"):
        book.record(quick(student))
    book.commit()
    assert score_of(classroom, "eve") == score_of(classroom, "joe") == 3
    assert "value too long" in records(classroom)["bad"]["details"]["reason"]


def test_a_penalty_that_fails_is_the_submissions_own(small):
    classroom, taken = small
    with classroom.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    book = Ledger(classroom, taken, "test 1")
    book._penalty = lambda *_: 1 / 0
    book.record(Graded(**{**vars(quick()), "timestamp": DUE + dt.timedelta(days=1)}))
    book.record(quick("joe"))
    book.close()
    assert "ZeroDivisionError" in records(classroom)["eve"]["details"]["reason"]
    assert score_of(classroom, "joe") == 3


@pytest.mark.parametrize(("penalty", "kept"), [(-1, 0), (99, 3), (1.5, 1.5), (None, None)])
def test_penalties_are_clamped_as_nbgrader_does(small, penalty, kept):
    classroom, taken = small
    with classroom.gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    book = Ledger(classroom, taken, "test 1")
    book._penalty = lambda *_: penalty
    book.record(Graded(**{**vars(quick()), "timestamp": DUE + dt.timedelta(days=1)}))
    book.close()
    with classroom.gradebook() as gradebook:
        assert gradebook.find_submission_notebook("two", NAME, "eve").late_submission_penalty == kept


def test_only_known_students_where_the_course_says_so(small):
    root = small[0].root
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.Autograde.create_student = False\n")
    classroom = course_directory.Classroom(root)
    with classroom.gradebook() as gradebook:
        gradebook.add_student("joe")
    book = Ledger(classroom, small[1], "test 1")
    book.record(quick())
    book.record(quick("joe"))
    book.close()
    assert records(classroom)["eve"]["details"]["reason"] == "the gradebook has no such student"
    assert score_of(classroom, "joe") == 3


def test_a_submission_costs_the_same_in_a_full_gradebook(small):
    """Rows are found by index: the plan of every query names one, and scans no table."""
    classroom, taken = small
    book = Ledger(classroom, taken, "test 1")
    book.record(quick())
    book.commit()
    seen = []

    @event.listens_for(book._database, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, many):
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.append((statement, parameters[0] if many else parameters))

    book.record(quick(score=1.0))
    book.commit()
    assert len(seen) >= 7
    with sqlite3.connect(classroom.root / "gradebook.db") as connection:
        for statement, parameters in seen:
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters):
                assert not row[3].startswith("SCAN"), (statement, row[3])


def test_files_replace_whatever_was_there(small):
    classroom, taken = small
    folder = classroom.path("autograded", "eve", NAME)
    (folder / "two.ipynb").mkdir(parents=True)
    (folder / "old").mkdir()
    (folder / "old" / "x").write_text("x")
    (folder / ".y.aside").write_text("half")
    (folder / "sub").symlink_to(folder / "old")
    book = Ledger(classroom, taken, "test 1")
    book.record(quick(files={"own/a.txt": b"a", "data.csv": b"mine", "own/b.pyc": b"", "mine.py": b"m"}))
    book.close()
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == {
        "two.ipynb": b"{}\n",
        "own/a.txt": b"a",
        "data.csv": b"1,2,3\n",
        "mine.py": b"m",
        "sub/more.txt": b"more\n",
    }
    assert not (folder / "sub").is_symlink() and not (folder / "old").exists()
    assert stat.S_IMODE((folder / "mine.py").stat().st_mode) == 0o444


def test_a_folder_that_cannot_be_written_is_a_refusal(small):
    classroom, taken = small
    folder = classroom.path("autograded", "eve", NAME)
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    book = Ledger(classroom, taken, "test 1")
    book.record(quick())
    book.close()
    assert "could not be written" in records(classroom)["eve"]["details"]["reason"]


def test_a_shared_course_shares_its_folders(small):
    root = small[0].root
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("c.CourseDirectory.groupshared = True\n")
    classroom = course_directory.Classroom(root)
    book = Ledger(classroom, take_snapshot.take(classroom, NAME), "test 1")
    book.record(quick())
    book.close()
    folder = classroom.path("autograded", "eve", NAME)
    assert stat.S_IMODE((folder / "two.ipynb").stat().st_mode) == 0o664
    assert stat.S_IMODE(folder.stat().st_mode) & 0o2770 == 0o2770


def test_killed_before_the_commit_a_rerun_completes(small):
    classroom, taken = small
    child = os.fork()
    if child == 0:
        book = Ledger(classroom, taken, "test 1")
        book._write = lambda batch: os._exit(9)
        book.record(quick())
        book.commit()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (classroom.path("autograded", "eve", NAME) / "two.ipynb").exists()
    book = Ledger(classroom, taken, "test 1")
    assert not book.done("eve", "f")
    book.record(quick())
    book.close()
    assert score_of(classroom) == 3


def test_a_locked_gradebook_loses_nothing(small, monkeypatch):
    classroom, taken = small
    monkeypatch.setattr(ledgers, "_PATIENCE", 0.1)
    book = Ledger(classroom, taken, "test 1")
    other = create_engine(classroom.folders.db_url)
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        book.record(quick())
        with pytest.raises(GradingError, match="cannot be written to: database is locked"):
            book.commit()
        connection.rollback()
    other.dispose()
    book.close()
    assert score_of(classroom) == 3


def test_an_assignment_that_nobody_registered(tmp_path):
    write_course(tmp_path)
    with pytest.raises(GradingError, match="the gradebook has no assignment work"):
        take_snapshot.take(course_directory.Classroom(tmp_path), NAME)


def test_the_snapshot_holds_what_a_worker_needs(small):
    classroom, taken = small
    assert pickle.loads(pickle.dumps(taken)) == taken
    assert set(taken.files) == {"data.csv", "sub/more.txt"} and taken.keep == {"mine.py"}
    assert (taken.max_lines, taken.max_traceback, taken.ignore_pattern) == (30, 6, "harmless")
    cells = taken.notebooks["one"].cells
    names = "given a-answer a b-answer b c-answer c essay chore program".split()
    assert [cell.name for cell in cells] == names
    assert cells[1].source == "a = ...\n# YOUR CODE HERE\nraise NotImplementedError()"
    assert "assert a == base + 2" in cells[2].source and cells[2].points == 2
    assert take_snapshot.take(classroom, NAME) == taken
