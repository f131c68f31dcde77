"""`autograder grade all`: every lesson with submissions, in one go, as if one after another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.authoring.building import build as building
from autograder.course.course_toml import Course
from tests.support.verbs import run, says_one_line, with_lesson


@pytest.fixture
def two(tiny_built: Course) -> Course:
    """A course of three lessons; two learners handed in the first, one of them the second, too."""
    course = with_lesson(with_lesson(tiny_built, "02-dice"), "03-nobody")
    building.build(course, course.lessons)
    for student, lesson in (("ann", "01-coins"), ("bob", "01-coins"), ("ann", "02-dice")):
        shutil.copytree(course.root / "release" / lesson, course.root / "submitted" / student / lesson)
    return course


def graded(root: Path, *words: str) -> dict[str, list[str]]:
    result = run(root, "grade", *words, "--json", "--workers", "1")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    return {
        one["assignment"]: [row["student"] for row in one["results"]]
        for one in data.get("assignments", [data])
    }


def test_all_is_every_lesson_with_submissions(two: Course) -> None:
    assert graded(two.root, "all") == {"01-coins": ["ann", "bob"], "02-dice": ["ann"]}
    everything = (two.root / "grades.csv").read_text(encoding="utf-8")
    (two.root / "gradebook.db").unlink()
    shutil.rmtree(two.root / "autograded")
    for lesson in ("01", "02"):
        graded(two.root, lesson)
    assert (two.root / "grades.csv").read_text(encoding="utf-8") == everything


def test_all_of_one_student(two: Course) -> None:
    assert graded(two.root, "all", "--student", "bob") == {"01-coins": ["bob"]}
    says_one_line(
        run(two.root, "grade", "all", "--student", "eve"), "'eve' did not submit", "Who did: ann, bob"
    )


def test_tables_and_a_preview(two: Course) -> None:
    said = run(two.root, "grade", "all", "--workers", "1").output
    assert said.index("01-coins") < said.index("02-dice") < said.index("Wrote")
    assert said.count("Wrote") == 1
    said = run(two.root, "grade", "all", "--dry-run", "--workers", "1").output
    assert "0 of 3 submissions would change" in said


def test_nothing_submitted_is_one_line(tiny_built: Course) -> None:
    says_one_line(run(tiny_built.root, "grade", "all"), "nobody submitted anything")


def test_one_lesson_is_as_it_was(two: Course) -> None:
    assert graded(two.root, "02") == {"02-dice": ["ann"]}
    says_one_line(run(two.root, "grade", "03"), "nobody submitted 03-nobody")
