"""`autograder preview`: always the lesson as it is on disk now, and never the learner's copy."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from autograder.course.course_toml import Course
from autograder.publishing.copies import jupyterlab, lab
from autograder.study import learner_log
from tests.support.builds import change
from tests.support.lab_copies import NAME, NEW_TEXT, answer
from tests.support.verbs import run, says_one_line, tree

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, str, bool]]:
    """What JupyterLab was asked to open, in place of opening it."""
    asked: list[tuple[Path, str, bool]] = []
    monkeypatch.setattr(jupyterlab, "serve", lambda *given: asked.append(given) or 7)
    return asked


def test_it_shows_the_text_of_now(tiny_built: Course, served: list[tuple[Path, str, bool]]) -> None:
    root = tiny_built.root
    assert run(root, "preview", "01").exit_code == 7
    assert served == [(root / "preview", f"{NAME}/{NAME}.ipynb", False)]
    answer(root / "preview", "coin-sides", "coin_sides = 3")
    (root / "preview" / learner_log.FILE).write_text("", encoding="utf-8")
    change(tiny_built, f"{NAME}.md", NEW_TEXT)
    result = run(root, "preview", "01", "--no-browser")
    assert f"built {NAME}" in result.output
    found = tree(root / "preview" / NAME)
    assert found == tree(root / "release" / NAME)
    text = json.dumps(json.loads(found[f"{NAME}.ipynb"]))
    assert "A bent coin" in text and "coin_sides = 3" not in text
    assert not (root / "preview" / learner_log.FILE).exists(), "seen as somebody sees it who begins"
    assert served[-1][2] is True


def test_learners_are_left_alone(tiny_built: Course, served: list[tuple[Path, str, bool]]) -> None:
    work = lab.copy_out(tiny_built.root)
    answer(work, "coin-sides", "coin_sides = 2")
    before = tree(work)
    change(tiny_built, f"{NAME}.md", NEW_TEXT)
    assert run(tiny_built.root, "preview", "01").exit_code == 7
    assert tree(work) == before


def test_solved_is_the_instructors(tiny_built: Course, served: list[tuple[Path, str, bool]]) -> None:
    run(tiny_built.root, "preview", "01", "--solved")
    assert tree(tiny_built.root / "preview" / NAME) == tree(tiny_built.root / "source" / NAME)


def test_a_lesson_with_an_error_is_not_shown_as_it_was(
    tiny_built: Course, served: list[tuple[Path, str, bool]]
) -> None:
    change(tiny_built, f"{NAME}.md", ('"role": "recall"', '"role": "recal"'))
    result = run(tiny_built.root, "preview", "01")
    assert result.exit_code == 1 and "Did you mean 'recall'?" in result.stderr and served == []


def test_a_folder_that_is_somebody_elses_is_left(
    tiny_built: Course, served: list[tuple[Path, str, bool]]
) -> None:
    (tiny_built.root / "preview" / NAME).mkdir(parents=True)
    (tiny_built.root / "preview" / NAME / "mine.txt").write_text("mine", encoding="utf-8")
    says_one_line(run(tiny_built.root, "preview", "01"), "was not made by `autograder preview`")
    assert (tiny_built.root / "preview" / NAME / "mine.txt").exists() and served == []


def test_git_does_not_see_it() -> None:
    command = ["git", "check-ignore", "preview/x", "work/x"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["preview/x", "work/x"]
