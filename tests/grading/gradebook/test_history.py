"""Whose points changed in a regrade, when, from what to what."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from autograder.authoring import sample_class
from autograder.cli.instructor import history as history_verb
from autograder.core.errors import CourseError
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course, preview_course
from autograder.grading.gradebook import history
from autograder.grading.sandbox.limits import Limits

NAME = "01-coins"


def grade(root, *students, force=True):
    settings = Settings(Limits(cell_seconds=10), workers=1, force=force)
    grade_course(root, "01", students, settings, due=sample_class.DUE)


def mend(root, old, new):
    """Change a hidden test, as an instructor does."""
    path = root / "source" / NAME / f"{NAME}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def graded(built_once, tmp_path_factory):
    """Three of the sample class, graded once; copy it, never change it."""
    root = tmp_path_factory.mktemp("history") / "class"
    sample_class.write(courses.read(built_once), NAME, root)
    for folder in (root / "submitted").iterdir():
        if folder.name not in ("all-right", "mistakes-01", "late"):
            shutil.rmtree(folder)
    grade(root)
    return root


@pytest.fixture
def room(graded, tmp_path):
    return shutil.copytree(graded, tmp_path / "class")


def run(root, *options):
    done = CliRunner().invoke(
        history_verb.history, ["01", "--course", str(root), *options], env={"COLUMNS": "120"}
    )
    assert done.exit_code == 0, done.output
    return done.output


def changes(found):
    return [(event.student, event.grade, event.old, event.new) for event in found.events]


def test_the_first_points_are_no_change_unless_asked_for(room):
    assert history.read(room, "01").events == ()
    assert "No points changed." in run(room)
    found = history.read(room, "01", ("all-right",), first=True)
    assert ("all-right", "coin-entropy", None, 2.0) in changes(found) and len(found.events) == 4
    assert all(abs(event.when - datetime.now(UTC)) < timedelta(hours=1) for event in found.events)


def test_a_regrade_says_who_when_and_from_what_to_what(room):
    mend(room, "same(coin_sides, 2)", "same(coin_sides, 3)")
    before = datetime.now(UTC) - timedelta(seconds=1)
    grade(room)
    found = history.read(room, "01")
    assert changes(found) == [("all-right", "coin-sides", 1.0, 0.0), ("late", "coin-sides", 1.0, 0.0)]
    assert all(before <= event.when <= datetime.now(UTC) for event in found.events)
    assert found.whole
    said = run(room, "--student", "late")
    assert "coin-sides" in said and "1      0" in said and "all-right" not in said
    assert "Only the last grading" not in said
    (row,) = map(json.loads, run(room, "--student", "late", "--json").splitlines())
    assert (row["student"], row["grade"], row["old"], row["new"]) == ("late", "coin-sides", 1.0, 0.0)


def test_errors(room, tmp_path, tiny_built):
    with pytest.raises(CourseError, match="no points of 'nemo' in 01-coins ever changed"):
        history.read(room, "01", ("nemo",))
    with pytest.raises(CourseError, match=r"nothing is graded yet: .*gradebook\.db is missing"):
        history.read(tiny_built.root, "01")
    assert not (tiny_built.root / "gradebook.db").exists()


def test_ids_do_not_color_the_terminal(room):
    with closing(sqlite3.connect(room / "gradebook.db")) as database:
        details = json.dumps({"changes": [[NAME, "coin-sides", 1.0, 0.0]]})
        for name in ("autograder_history", "autograder_ledger"):
            database.execute(
                f'update {name} set student_id = ?, details = ? where student_id = "late"',
                ("[red]\x1b[31mlate", details),
            )
        database.commit()
    assert "[red]late" in run(room) and "\x1b[31m" not in run(room)


def written_by_hand(root, rows):
    """The table of the hook, filled as the ledger would fill it."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        for student, when, old, new in rows:
            details = json.dumps({"changes": [[NAME, "coin-sides", old, new]], "notes": []})
            database.execute(
                'insert into autograder_history (assignment, student_id, engine, details, "when")'
                " values (?, ?, 'e', ?, ?)",
                (NAME, student, details, f"{when:%Y-%m-%d %H:%M:%S.%f}"),
            )
        database.commit()


def test_every_change_in_order_and_what_was_before_the_history(room):
    later = datetime(2050, 1, 1)
    rows = [
        ("late", later, 1.0, 0.0),
        ("late", later + timedelta(days=1), 0.0, 1.0),
        ("all-right", later, 1, 0.5),
    ]
    written_by_hand(room, reversed(rows))
    found = history.read(room, "01")
    assert changes(found) == [
        ("all-right", "coin-sides", 1, 0.5),
        ("late", "coin-sides", 1.0, 0.0),
        ("late", "coin-sides", 0.0, 1.0),
    ]
    assert found.whole
    assert len(history.read(room, "01", ("mistakes-01",), first=True).events) == 4


def test_what_both_records_hold_is_said_once(room):
    """The ledger's record holds the last change of a submission, and the history every one."""
    found = history.read(room, "01", first=True)
    assert len(changes(found)) == len(set(changes(found))) == 12 and found.whole


def test_the_ledger_keeps_every_change(room):
    mend(room, "same(coin_sides, 2)", "same(coin_sides, 3)")
    grade(room)
    grade(room)  # nothing changes, nothing is added
    mend(room, "same(coin_sides, 3)", "same(coin_sides, 2)")
    grade(room)
    found = history.read(room, "01", ("late",))
    assert changes(found) == [("late", "coin-sides", 1.0, 0.0), ("late", "coin-sides", 0.0, 1.0)]
    assert found.whole
    with closing(sqlite3.connect(room / "gradebook.db")) as database:
        (count,) = database.execute("select count(*) from autograder_history").fetchone()
    assert count == 3 + 2 + 2  # first points of three, then two changed twice


def test_a_preview_writes_no_history(room):
    mend(room, "same(coin_sides, 2)", "same(coin_sides, 3)")
    before = (room / "gradebook.db").read_bytes()
    (preview,) = preview_course(room, "01", settings=Settings(Limits(), workers=1))
    assert preview.changes
    assert (room / "gradebook.db").read_bytes() == before
