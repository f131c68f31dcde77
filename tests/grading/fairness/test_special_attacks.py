"""Attacks that want more than an answer cell."""

from __future__ import annotations

import json
import shutil

import pytest

from autograder.classroom.feedback import pages
from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from tests.support.attacks import special
from tests.support.styles import course, grading
from tests.support.styles.corpus import with_imports

MOST_OUTPUT = 48 << 20
"""Bytes of an autograded notebook whose cells may each send 4 MB: no more than a dozen of them."""


def graded(root, style, limits=grading.SHORT):
    """Grade a notebook's attacker and teacher; return the marks and the assignment's name."""
    assignments = course.write(root, [style])
    shutil.rmtree(root / "submitted" / "blank")
    return grading.engine(root, assignments, limits)[style.name], next(iter(assignments))


def test_a_fake_numpy_earns_nothing_on_a_lesson_of_this_project(tmp_path):
    special.lesson_nine(tmp_path)
    classroom = Classroom(tmp_path)
    engine = Engine(Settings(Limits(), workers=1))
    try:
        done = dict(engine.grade(classroom, special.LESSON, ["attack"]))["attack"]
    finally:
        engine.close()
    assert done is not None and not done.reason
    marks = {mark.name: mark.auto_score for mark in done.notebooks[special.LESSON][1].marks}
    assert marks["three-metrics"] == 0


def test_no_page_of_feedback_shows_what_a_hidden_test_asked(tmp_path):
    _, assignment = graded(tmp_path / "course", special.printed())
    made = pages.prepare(tmp_path / "course", assignment)
    written = [path.read_text(encoding="utf-8") for given in pages.write(made) for path in given.files]
    assert written
    assert [word for word in special.HIDDEN if any(word in page for page in written)] == []


def test_what_a_test_in_the_process_left_is_shown_when_it_is_released(tmp_path):
    root = tmp_path / "course"
    assignments = course.write(root, [special.printed(history=False)], only=("attack",))
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write('c.Autograder.wall = "never"\n')
    grading.engine(root, assignments, grading.SHORT)

    def shown(released):
        made = pages.prepare(root, next(iter(assignments)), released=released)
        page = "".join(path.read_text(encoding="utf-8") for one in pages.write(made) for path in one.files)
        return [word for word in special.HIDDEN if word in page]

    assert shown(released=False) == []
    assert shown(released=True) != []


@pytest.mark.slow
def test_honest_work_that_costs_time_loses_no_mark_to_the_class_before_it(tmp_path):
    style = special.victims(110)  # each a fifth of a second of the checker's, for two workers
    marks, _ = graded(tmp_path / "course", style, Limits(cell_seconds=8.0, notebook_seconds=8.0))
    tests = {student: max(given.values(), default=0) for student, given in marks.items()}
    assert tests == dict.fromkeys(tests, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", special.FLOODS)
def test_a_flood_of_outputs_keeps_to_a_budget(name, tmp_path):
    style = with_imports(special.flood(name))
    marks, assignment = graded(tmp_path / "course", style, Limits(cell_seconds=30.0))
    notebook = tmp_path / "course" / "autograded" / "attack" / assignment / f"{style.name}.ipynb"
    assert not any(marks["attack"].values()) or "" in marks["attack"]
    assert not notebook.exists() or notebook.stat().st_size < MOST_OUTPUT
    assert set(marks["right"].values()) == {1.0}


@pytest.mark.slow
def test_frames_of_braces_cost_their_sender_only(tmp_path):
    marks, _ = graded(tmp_path / "course", with_imports(special.braces()), Limits(cell_seconds=30.0))
    assert not any(isinstance(points, float) and points for points in marks["attack"].values())
    assert set(marks["right"].values()) == {1.0}


def test_the_notebook_of_scripts_is_graded_as_any_other(tmp_path):
    marks, assignment = graded(tmp_path / "course", with_imports(special.scripts()))
    assert set(marks["attack"].values()) == {0.0}
    made = pages.prepare(tmp_path / "course", assignment, ["attack"])
    page = next(path for given in pages.write(made) for path in given.files if path.suffix == ".html")
    assert "<script>window.pwned" not in page.read_text(encoding="utf-8")
    kept = tmp_path / "course" / "autograded" / "attack" / assignment / "scripts.ipynb"
    assert json.loads(kept.read_text(encoding="utf-8"))["nbformat"] == 4
