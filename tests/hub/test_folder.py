"""The folder of `autograder hub`, and what it says where it cannot start."""

from __future__ import annotations

import os
import signal
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from autograder.cli import main
from autograder.core.errors import CourseError
from autograder.course.course_toml import Course
from autograder.hub import folder as place
from autograder.hub import run
from autograder.hub.accounts import People

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="autograder hub needs Linux")


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody makes accounts here."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)


def start(course: Course, *words: str) -> Result:
    return CliRunner().invoke(main, ["hub", "--course", str(course.root), *words])


def test_a_folder_is_for_one_hub_and_for_nothing_else(tmp_path: Path) -> None:
    lock = place.claim(tmp_path / "hub")
    with pytest.raises(CourseError, match=r"a hub runs in .* already"):
        place.claim(tmp_path / "hub")
    os.close(lock)
    os.close(place.claim(tmp_path / "hub"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    with pytest.raises(CourseError, match="is not empty"):
        place.claim(tmp_path / "mine")


@pytest.mark.usefixtures("ordinary")
def test_what_is_in_the_folder_stays(tiny_built: Course, tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    people = People("try", folder / "home")
    os.close(place.claim(folder))
    name = place.make(tiny_built.root, folder, people, 1234)
    course = folder / "courses" / name
    assert {path.name for path in course.iterdir()} == {"nbgrader_config.py", "lessons", "source", "release"}
    assert course.stat().st_mode & 0o777 == 0o700
    assert (folder / "exchange").stat().st_mode & 0o777 == 0o777
    assert (folder / "state").stat().st_mode & 0o777 == 0o700
    (course / "gradebook.db").write_text("marks")
    place.make(tiny_built.root, folder, people, 4321)
    assert (course / "gradebook.db").read_text() == "marks"
    (entry,) = tomllib.loads((folder / "class.toml").read_text())["courses"]
    assert (entry["id"], entry["port"]) == (name, 4321)
    assert entry["learners"] == ["try-learner1", "try-learner2", "try-learner3"]
    assert all((folder / "home" / person).stat().st_mode & 0o777 == 0o700 for person in people.all)


@pytest.mark.usefixtures("ordinary")
def test_a_course_that_is_not_built_is_said(tiny: Course, tmp_path: Path) -> None:
    os.close(place.claim(tmp_path / "hub"))
    with pytest.raises(CourseError, match="Run: autograder build"):
        place.make(tiny.root, tmp_path / "hub", People("try", tmp_path / "hub" / "home"), 1)


def test_what_is_missing_is_named_before_anything_is_made(
    tiny_built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jupyterhub", reason="no jupyterhub")
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(run.shutil, "which", lambda *_, **__: None)
    assert "npm install --global" in start(tiny_built).output
    monkeypatch.setattr(run.shutil, "which", lambda *_, **__: "/bin/true")
    assert "this course has no hub" in start(tiny_built).output
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda _: None)
    assert "jupyterhub is not installed" in start(tiny_built).output
    assert not (tiny_built.root / "hub").exists()
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes accounts")
def test_somebody_else_s_account_is_left_alone(tmp_path: Path) -> None:
    from autograder.hub import accounts as people

    class Nobody(People):
        all = ("nobody",)

    with pytest.raises(CourseError, match=r"nobody exists already .* --prefix NAME"):
        people.add_accounts(Nobody("try", tmp_path))
    people.remove_accounts(Nobody("try", tmp_path))
    assert people.ids("nobody")


def test_links_without_a_repository(tiny: Course) -> None:
    said = CliRunner().invoke(main, ["links", "https://hub.example", "--course", str(tiny.root)])
    assert said.exit_code == 1 and 'repository = "owner/name"' in said.output
