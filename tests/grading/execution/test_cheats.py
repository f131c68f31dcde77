"""Wrong answers earn nothing, whatever they try; an honest submission beside them earns all."""

from __future__ import annotations

import json
import shutil

import pytest

from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.scores import scores
from autograder.grading.sandbox.limits import Limits
from tests.support.cheats import plain
from tests.support.cheats.classroom import LESSON, hand_in
from tests.support.cheats.corpus import CHEATS, HONEST

LIMITS = Limits(cell_seconds=3.0, notebook_seconds=20.0)


@pytest.fixture(scope="module")
def graded(built_once, tmp_path_factory):
    """Score and reason by student, of all cheats and the honest one in one run."""
    root = tmp_path_factory.mktemp("cheats") / "course"
    shutil.copytree(built_once, root)
    by_name = {f"cheat{number:03d}": cheat for number, cheat in enumerate(CHEATS)}
    for student, cheat in {**by_name, "honest": HONEST, "zz-honest": HONEST}.items():
        hand_in(root, student, cheat)
    classroom = Classroom(root)
    engine = Engine(Settings(LIMITS, workers=2))
    try:
        done = dict(engine.grade(classroom, LESSON, ["honest", *by_name, "zz-honest"]))
    finally:
        engine.close()
    with classroom.gradebook() as gradebook:
        _, rows = scores(gradebook, LESSON)
    found = {student: (row.score, done[student]) for student, row in rows.items()}
    return {student: found.get(student, (0.0, done[student])) for student in done}, root


def test_there_are_enough_cheats():
    assert len(CHEATS) >= 45
    assert len({cheat.name for cheat in CHEATS}) == len(CHEATS)


@pytest.mark.parametrize("number", range(len(CHEATS)), ids=[cheat.name for cheat in CHEATS])
def test_a_cheat_earns_nothing(graded, number):
    score, done = graded[0][f"cheat{number:03d}"]
    assert score == 0
    # A cheat may end as "could not grade", but not by a fault of the grader's.
    assert "the grader" not in done.reason


@pytest.mark.parametrize("student", ["honest", "zz-honest"])
def test_honest_submissions_beside_them_earn_all(graded, student):
    score, done = graded[0][student]
    assert (score, done.reason, done.notes) == (7, "", ())


def test_no_cheat_takes_longer_than_a_notebook_may(graded):
    slow = {student: done.seconds for student, (_, done) in graded[0].items() if done.seconds > 22}
    assert slow == {}


def test_what_a_cheat_leaves_is_a_notebook_that_nbformat_reads(graded):
    for path in (graded[1] / "autograded").glob("*/*/*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["nbformat"] == 4


@pytest.fixture(scope="module")
def plainly_graded(tmp_path_factory):
    """What each submission of the plain course earned, by student and exercise."""
    root = tmp_path_factory.mktemp("plain") / "course"
    plain.write_course(root)
    everybody = {f"cheat{number:02d}": cheat for number, cheat in enumerate(plain.PLAIN)}
    everybody["honest"] = plain.HONEST
    for student, cheat in everybody.items():
        plain.hand_in(root, student, cheat.answers)
    classroom = Classroom(root)
    engine = Engine(Settings(LIMITS, workers=2))
    try:
        assert not any(done.reason for _, done in engine.grade(classroom, plain.NAME, list(everybody)))
    finally:
        engine.close()
    found = {}
    with classroom.gradebook() as gradebook:
        for student in everybody:
            submission = gradebook.find_submission(plain.NAME, student)
            grades = [grade for book in submission.notebooks for grade in book.grades]
            found[student] = {grade.name for grade in grades if grade.auto_score}
    return found


@pytest.mark.parametrize("number", range(len(plain.PLAIN)), ids=[cheat.name for cheat in plain.PLAIN])
def test_a_cheat_on_bare_assertions_earns_nothing(plainly_graded, number):
    assert plainly_graded[f"cheat{number:02d}"] <= plain.PLAIN[number].free


def test_the_plain_course_can_be_solved(plainly_graded):
    assert plainly_graded["honest"] == set(plain.EXERCISES)
