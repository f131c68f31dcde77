"""A check beside a notebook of another version says so, and how to mend it; a right answer is still right."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder import check
from autograder.core.errors import CannotCheck, NotYet
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.study import installed_lessons, learner_log, lesson_version
from tests.support.lab_copies import NAME, NEW_TEXT, edit_notebook, rebuilt

MIXED = "This notebook and the lesson.json beside it are of two versions of the lesson."
REMEDY = "Take both from one download; in the course's folder: autograder lab 01 --update"


@pytest.fixture
def desk(tiny_built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder with the notebook of one version and the lesson.json of the next."""
    folder = tmp_path / "work" / NAME
    shutil.copytree(tiny_built.root / "release" / NAME, folder)
    path = tiny_built.path(NAME)
    text = path.read_text(encoding="utf-8").replace('"id": "coin-sides"', '"id": "coin-faces"')
    path.write_text(text, encoding="utf-8")
    course = rebuilt(tiny_built, NEW_TEXT)
    shutil.copy(course.root / "release" / NAME / lesson_json.FILE, folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv(learner_log.PLACE, raising=False)
    monkeypatch.setattr(learner_log, "is_kept", lambda: True)
    return folder


def line_of(exercise: str, **answers: object) -> str:
    """The one line of a check that is not right."""
    with pytest.raises((NotYet, CannotCheck)) as caught:
        check(exercise, **answers)
    assert "\n" not in caught.value.line
    return caught.value.line


def verdicts(folder: Path) -> list[str]:
    """What the log holds."""
    return [event.verdict for event in learner_log.read(folder.parent / learner_log.FILE).events]  # type: ignore[union-attr]


def test_an_exercise_that_only_the_notebook_has_is_no_riddle(desk: Path) -> None:
    line = line_of("coin-sides", coin_sides=2)
    assert line == f"Cannot check: this lesson has no exercise 'coin-sides'. {MIXED} {REMEDY}"


def test_so_it_is_where_neither_file_names_a_version(desk: Path) -> None:
    edit_notebook(desk / f"{NAME}.ipynb", lambda notebook: notebook["metadata"].pop("autograder"))
    assert MIXED in line_of("coin-sides", coin_sides=2)


def test_a_wrong_answer_may_be_right_and_is_not_held_against_anybody(desk: Path) -> None:
    line = line_of("coin-entropy", coin_entropy=0.8112781244591328)
    assert line.startswith("✗ coin-entropy: ") and line.endswith(f"But it may be right: {MIXED} {REMEDY}")
    assert check("coin-entropy", coin_entropy=0.5623) is None
    assert verdicts(desk) == ["right"]
    assert MIXED not in line_of("coin-entropy", coin_entropy=...)


def test_a_name_that_nobody_has_is_only_a_slip(desk: Path) -> None:
    edit_notebook(desk / f"{NAME}.ipynb", lambda notebook: notebook["metadata"].pop("autograder"))
    assert line_of("coin-slides", coin_slides=2).endswith(
        "It has: coin-entropy, coin-faces, coin-likely, coin-code"
    )


def test_a_pair_that_fits_is_not_doubted(desk: Path) -> None:
    version = installed_lessons.here().version
    edit_notebook(
        desk / f"{NAME}.ipynb", lambda notebook: notebook["metadata"]["autograder"].update(version=version)
    )
    assert MIXED not in line_of("coin-entropy", coin_entropy=0.81127812)
    assert verdicts(desk) == ["wrong:bits"]


def test_while_grading_nothing_is_doubted(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There an older notebook beside the present lesson.json is as it should be."""
    monkeypatch.setattr(learner_log, "is_kept", lambda: False)
    assert MIXED not in line_of("coin-entropy", coin_entropy=0.81127812)


def test_words_in_a_cell_are_no_version(desk: Path) -> None:
    def write(notebook: dict[str, list[dict[str, str]]]) -> None:
        notebook["cells"][0]["source"] = 'x = {"autograder": {"lesson": "x", "version": "abc"}}'

    edit_notebook(desk / f"{NAME}.ipynb", write)
    own = json.loads((desk / f"{NAME}.ipynb").read_text(encoding="utf-8"))["metadata"]["autograder"][
        "version"
    ]
    assert lesson_version._version(desk / f"{NAME}.ipynb") == own


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b'"autograder": {"version": 7}'])
def test_where_nothing_is_known_nothing_is_said(desk: Path, content: bytes | None) -> None:
    path = desk / f"{NAME}.ipynb"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert MIXED not in line_of("coin-entropy", coin_entropy=0.81127812)
    assert "It has: coin-entropy" in line_of("coin-sides", coin_sides=2)


def test_a_large_notebook_is_not_parsed_by_a_check(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight megabytes of outputs: the version is found among the bytes, without reading them as JSON."""
    path = desk / f"{NAME}.ipynb"
    edit_notebook(
        path, lambda one: one["cells"][-1].update(outputs=[{"data": {"text/plain": '{"a' * 2_000_000}}])
    )
    assert path.stat().st_size > 8_000_000
    parsed = []
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda text, **keys: parsed.append(len(text)) or loads(text, **keys))
    lesson_version._version_at.cache_clear()
    assert MIXED in line_of("coin-entropy", coin_entropy=0.81127812)
    assert max(parsed, default=0) < 1_000_000
