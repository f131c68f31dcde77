"""The set-up cell: silent in the course, one remedy elsewhere, and in Colab it fetches the course."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.building import setup_cell
from autograder.authoring.building.build import build
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course

NAME = "01-coins"


@pytest.fixture
def without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """`import autograder` fails as where it is not installed."""
    monkeypatch.setitem(sys.modules, "autograder", None)


def test_it_says_nothing_in_the_course(capsys: pytest.CaptureFixture[str]) -> None:
    for repository in ("", "owner/name"):
        exec(setup_cell.source(NAME, repository), {})
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("repository", ["", "owner/name"])
def test_it_says_what_to_do_where_the_package_is_missing(
    repository: str, without_the_package: None, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(setup_cell.source(NAME, repository), {})
    said = capsys.readouterr().out
    assert "Select Kernel" in said and "README" in said and len(said.splitlines()) == 1


def test_in_colab_it_fetches_the_public_course(
    without_the_package: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], **_: Any) -> None:
        ran.append(command)
        (tmp_path / "course" / "release" / NAME).mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    monkeypatch.chdir(tmp_path)
    exec(setup_cell.source(NAME, "owner/name"), {})
    assert Path.cwd() == tmp_path / "course" / "release" / NAME
    assert ran[0] == ["git", "clone", "--quiet", "--depth=1", "https://github.com/owner/name", "course"]
    assert ran[1] == [sys.executable, "-m", "pip", "install", "--quiet", "./course"]
    assert capsys.readouterr() == ("", "")


def test_it_stands_before_the_first_code_cell_and_is_not_graded(tiny: Course) -> None:
    table = tiny.root / "lessons" / "course.toml"
    table.write_text(table.read_text().replace('title = "A', 'repository = "owner/name"\ntitle = "A', 1))
    course = courses.read(tiny.root)
    build(course, course.lessons)
    import nbformat

    notebook = nbformat.read(tiny.root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "01-setup" and "not-graded" in first.metadata.tags
    assert "https://github.com/owner/name" in first.source
