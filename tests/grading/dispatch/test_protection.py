"""How the tests of a course run: by its setting, and by a trial that is run once and kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.errors import GradingError
from autograder.course.course_toml import Course
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import (
    AssignmentResult,
    Event,
    Notice,
    TrialRun,
    explain_course,
    grade_course,
)
from autograder.grading.dispatch.protection import setting_of
from autograder.grading.gradebook import take_snapshot
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.registration import register
from autograder.grading.sandbox.limits import Limits
from autograder.grading.trial.mark_rule import Flagged
from autograder.grading.trial.words import Setting
from tests.support.styles import course
from tests.support.styles.notebook_text import parse

SETTINGS = Settings(Limits(cell_seconds=5.0, notebook_seconds=20.0), workers=2)
COURSE = """
=== double
--- given
base = 2
--- answer
double = 2 * base
--- wrong
double = 5
--- attack
class Liar:
    def __eq__(self, other):
        return True
    def __hash__(self):
        return 1
double = Liar()
--- test 2
assert double == 4
=== square
--- answer
def square(x):
    return x * x
--- wrong
def square(x):
    return x
--- attack
import numpy as np
def square(x):
    return x
--- test 1
keep = square
del square
assert keep(3) == 9
square = keep
--- test 1
assert square(4) == 16
"""
NAME = "plain-0"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """A course that was tried and graded once, and what was told on the way."""
    root = tmp_path_factory.mktemp("protection") / "course"
    course.write(root, list(parse(COURSE)))
    told: list[Event] = []
    grade_course(root, NAME, settings=SETTINGS, tell=told.append)
    return root, told


def set_up(root: Path, setting: str) -> None:
    """The course with a further line of configuration."""
    course.write(root, list(parse(COURSE)))
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8") + setting, encoding="utf-8")


def scores(root: Path, student: str) -> dict[str, tuple[float | None, bool]]:
    """By notebook and test the points, and whether a person should look."""
    with Classroom(root).gradebook() as gradebook:
        return {
            f"{book.name}/{grade.name}": (grade.auto_score, grade.needs_manual_grade)
            for book in gradebook.find_submission(NAME, student).notebooks
            for grade in book.grades
        }


def test_it_is_said_once_how_the_tests_run(graded: tuple[Path, list[Event]]) -> None:
    said = [event.line for event in graded[1] if isinstance(event, Notice)]
    assert said == [
        "Of the 3 tests of plain-0, 1 run apart from the learner's process and 2 in it, as in nbgrader:"
        " 1 reach past values (files, patches, the text of functions, ...); 1 use names together with shared"
        " tests, answers or given cells. 2 of 4 points are no better protected than in nbgrader. Each test:"
        " autograder grade plain-0 --explain"
    ]


def test_the_trial_tells_how_far_it_is(graded: tuple[Path, list[Event]]) -> None:
    runs = [event for event in graded[1] if isinstance(event, TrialRun)]
    assert [run.done for run in runs] == sorted(run.done for run in runs)
    assert runs[-1].done == runs[-1].total


def test_honest_work_earns_what_it_earns_in_nbgrader(graded: tuple[Path, list[Event]]) -> None:
    right = {"double/test-2": (2.0, False), "square/test-1": (1.0, False), "square/test-2": (1.0, False)}
    assert scores(graded[0], "right") == right
    nothing = dict.fromkeys(right, (0.0, False))
    assert scores(graded[0], "wrong") == scores(graded[0], "blank") == nothing


def test_a_value_that_lies_is_flagged(graded: tuple[Path, list[Event]]) -> None:
    assert scores(graded[0], "attack")["double/test-2"] == (2.0, True)
    (result,) = (event for event in graded[1] if isinstance(event, AssignmentResult))
    (notes,) = (one.notes for one in result.submissions if one.student == "attack")
    assert any(
        "test-2 asks for a look: 2 points in the learner's process, 0 points apart" in one for one in notes
    )


@pytest.mark.parametrize(("flagged", "mark"), [(Flagged.ZERO, (0.0, True)), (Flagged.WAIT, (None, True))])
def test_flagged_marks_may_count_nothing_or_wait(
    graded: tuple[Path, list[Event]], flagged: Flagged, mark: tuple[float | None, bool]
) -> None:
    told: list[Event] = []
    grade_course(graded[0], NAME, ["attack"], replace(SETTINGS, flagged=flagged), tell=told.append)
    assert scores(graded[0], "attack")["double/test-2"] == mark
    assert not any(isinstance(event, TrialRun) for event in told), "a kept trial was run again"
    grade_course(graded[0], NAME, ["attack"], SETTINGS)  # as the other tests expect it


def test_each_test_is_explained(graded: tuple[Path, list[Event]]) -> None:
    rows = explain_course(graded[0], NAME, SETTINGS)[NAME]
    assert [(row.notebook, row.test, row.how) for row in rows] == [
        ("double", "test-2", "isolated"),
        ("square", "test-1", "in the learner's process"),
        ("square", "test-2", "in the learner's process"),
    ]
    assert rows[1].why == "line 2 deletes square"
    assert [row.teacher for row in rows] == [2.0, 1.0, 1.0]


@pytest.mark.parametrize("damage", ["changed", "not JSON", "missing"])
def test_a_trial_that_does_not_fit_is_run_again(graded: tuple[Path, list[Event]], damage: str) -> None:
    path = graded[0] / ".trials" / f"{NAME}.json"
    kept = path.read_text(encoding="utf-8")
    if damage == "changed":
        path.write_text(json.dumps({**json.loads(kept), "key": "0" * 64}), encoding="utf-8")
    elif damage == "not JSON":
        path.write_text(kept[:50], encoding="utf-8")
    else:
        path.unlink()
    told: list[Event] = []
    explain_course(graded[0], NAME, SETTINGS, told.append)
    assert any(isinstance(event, TrialRun) for event in told)
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(kept)


def test_never_is_nbgraders_own_way(tmp_path: Path) -> None:
    root = tmp_path / "course"
    set_up(root, 'c.Autograder.wall = "never"\n')
    told: list[Event] = []
    grade_course(root, NAME, settings=SETTINGS, tell=told.append)
    assert [event.line for event in told if isinstance(event, Notice)] == [
        "3 tests of plain-0 not protected: as nbgrader."
    ]
    assert scores(root, "attack")["double/test-2"] == (2.0, False)


def test_a_setting_that_there_is_not_is_told(tmp_path: Path) -> None:
    root = tmp_path / "course"
    set_up(root, 'c.Autograder.wall = "sometimes"\n')
    with pytest.raises(GradingError, match="is none of"):
        grade_course(root, NAME, settings=SETTINGS)


def test_a_lesson_of_this_workshop_is_isolated_whole(tiny_built: Course) -> None:
    classroom = Classroom(tiny_built.root)
    register(classroom, tiny_built.lessons[0])
    assert setting_of(classroom, take_snapshot.take(classroom, tiny_built.lessons[0])) is Setting.ALWAYS


def test_a_source_without_solutions_is_not_tried(tmp_path: Path) -> None:
    root = tmp_path / "course"
    course.write(root, list(parse("=== one\n--- given\nx = 1\n--- test\nassert x == 1\n")))
    classroom = Classroom(root)
    register(classroom, NAME)
    assert setting_of(classroom, take_snapshot.take(classroom, NAME)) is Setting.NEVER
