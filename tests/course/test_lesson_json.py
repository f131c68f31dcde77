"""lesson.json of every version is read for ever; one of a newer version says what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder import check
from autograder.core.distribution import DISTRIBUTION
from autograder.core.errors import CannotCheck, CourseError
from autograder.core.judge import judge
from autograder.core.verdict import Kind
from autograder.course import lesson_json, version
from autograder.course.course_toml import Course

NAME = "01-coins"
OLDER = sorted((Path(__file__).parents[1] / "support" / "older_files").glob("lesson-*.json"))
"""One of each version before today's, as the package wrote it then."""
ANSWERS = {
    "coin-entropy": {"coin_entropy": 0.5623},
    "coin-sides": {"coin_sides": 2},
    "coin-likely": {"coin_likely": "Heads"},
    "coin-code": {"fair": 0.6931472, "certain": 0.0},
}


@pytest.fixture
def path(tiny_built: Course) -> Path:
    """The tiny course's lesson.json, built today."""
    return tiny_built.root / "release" / NAME / lesson_json.FILE


def numbered(path: Path, number: object) -> None:
    """Give the file another version."""
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "schema": number}), encoding="utf-8")


def test_there_is_a_file_of_each_older_version() -> None:
    assert [path.stem for path in OLDER] == [f"lesson-{n}" for n in range(1, lesson_json.SCHEMA.version)]


@pytest.mark.parametrize("older", OLDER, ids=lambda path: path.stem)
def test_an_older_file_is_read_and_judges_as_it_did(older: Path) -> None:
    lesson = lesson_json.read(older)
    assert [(card.id, card.lesson) for card in lesson.cards] == [("01-card-1", "01"), ("01-card-2", "01")]
    assert {judge(lesson.exercises[id], values).kind for id, values in ANSWERS.items()} == {Kind.RIGHT}
    assert judge(lesson.exercises["coin-entropy"], {"coin_entropy": 0.8113}).idea == "bits"


def test_todays_file_is_of_todays_version_and_survives_a_round(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["schema"] == lesson_json.SCHEMA.version
    lesson = lesson_json.read(path)
    assert lesson_json.to_json(lesson, data["lesson"]["salt"]) == data


def test_the_number_makes_no_new_version_of_the_lesson(path: Path) -> None:
    """Else all begun copies would be carried over for nothing."""
    notebook = json.loads(path.with_name(f"{NAME}.ipynb").read_text(encoding="utf-8"))
    data = json.loads(path.read_text(encoding="utf-8"))
    with_number = version.version_of(notebook, data, {})
    del data["schema"]
    assert version.version_of(notebook, data, {}) == with_number


def test_a_newer_file_says_to_update(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(path, lesson_json.SCHEMA.version + 1)
    with pytest.raises(CourseError, match="was written by a newer version") as caught:
        lesson_json.read(path)
    assert str(caught.value).startswith(str(path)) and f"Update {DISTRIBUTION}" in str(caught.value)
    monkeypatch.chdir(path.parent)
    with pytest.raises(CannotCheck) as seen:
        check("coin-sides", coin_sides=2)
    assert "Cannot check" in seen.value.line and f"Update {DISTRIBUTION}" in seen.value.line


@pytest.mark.parametrize("number", [0, -1, "2", True, None, 1.5, [1]])
def test_what_is_no_number_is_damage(path: Path, number: object) -> None:
    numbered(path, number)
    with pytest.raises(CourseError, match="is damaged"):
        lesson_json.read(path)


def test_an_unknown_kind_of_answer_is_damage(tmp_path: Path) -> None:
    target = tmp_path / lesson_json.FILE
    shutil.copy(OLDER[0], target)
    target.write_text(target.read_text(encoding="utf-8").replace('"form": "integer"', '"form": "date"'))
    with pytest.raises(CourseError, match="no kind of answer is called 'date'"):
        lesson_json.read(target)
