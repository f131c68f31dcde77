"""`autograder lab`: copies that fit together, whatever changed in the course, in the copy, or on the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.core.errors import CourseError
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.publishing.copies import lab, renewal
from autograder.publishing.copies.learner_copy import Copy
from tests.support.lab_copies import (
    NAME,
    NEW_TEXT,
    answer,
    cell_of,
    edit_notebook,
    opened,
    rebuilt,
    versions,
    without_versions,
)
from tests.support.verbs import run, says_one_line, tree

NEW_NUMBER = ("coin_sides = 2\n", "coin_sides = 4 - 2\n")


def test_every_lesson_is_copied_out(tiny_built: Course) -> None:
    assert opened(tiny_built) == []
    work = tiny_built.root / "work"
    assert tree(work / NAME) == tree(tiny_built.root / "release" / NAME)
    found = [path.parent.name for path in work.glob(f"*/{lesson_json.FILE}")]
    assert found == [NAME], "nothing else looks like a lesson"


def test_what_a_learner_wrote_stays(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work" / NAME
    (work / f"{NAME}.ipynb").write_text("mine", encoding="utf-8")
    (work / "notes.txt").write_text("mine, too", encoding="utf-8")
    (work / "lesson.json").write_text("old", encoding="utf-8")
    (line,) = opened(tiny_built)
    assert "cannot be read" in line and str(work) in line
    assert (work / f"{NAME}.ipynb").read_text(encoding="utf-8") == "mine"
    assert (work / "notes.txt").read_text(encoding="utf-8") == "mine, too"
    fresh = (tiny_built.root / "release" / NAME / "lesson.json").read_bytes()
    assert (work / "lesson.json").read_bytes() == fresh


def test_a_learner_can_write_their_copy(tiny_built: Course) -> None:
    for path in (tiny_built.root / "release" / NAME).iterdir():
        path.chmod(0o444)
    opened(tiny_built)
    for path in (tiny_built.root / "work" / NAME).iterdir():
        assert path.stat().st_mode & 0o200
    opened(tiny_built)


def test_files_beside_the_notebook_come_along_with_their_folders(tiny_built: Course) -> None:
    data = tiny_built.root / "release" / NAME / "data"
    data.mkdir()
    (data / "throws.csv").write_text("1\n", encoding="utf-8")
    opened(tiny_built)
    mine = tiny_built.root / "work" / NAME / "data" / "throws.csv"
    assert mine.read_text(encoding="utf-8") == "1\n"
    mine.write_text("my own", encoding="utf-8")
    opened(tiny_built)
    assert mine.read_text(encoding="utf-8") == "my own"
    mine.unlink()
    opened(tiny_built)
    assert mine.read_text(encoding="utf-8") == "1\n"


def test_without_a_build_it_says_what_to_run(tiny: Course) -> None:
    with pytest.raises(CourseError, match="holds no lesson"):
        lab.copy_out(tiny.root)
    says_one_line(run(tiny.root, "lab"), "Run: autograder build")


def test_it_opens_the_lesson_with_this_python(tiny_built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def start(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, 7)

    monkeypatch.setattr(subprocess, "run", start)
    assert run(tiny_built.root, "lab", "01", "--no-browser").exit_code == 7
    (command,) = seen
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={tiny_built.root / 'work'}" in command
    assert "--LabApp.default_url=/lab/tree/01-coins/01-coins.ipynb" in command
    assert "--no-browser" in command


# a lesson that changed


def test_an_untouched_copy_becomes_the_new_release(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work"

    def run_all(notebook: dict[str, Any]) -> None:
        """Outputs, counts, a blank cell at the end: nothing that the learner wrote."""
        cell_of(notebook, "01-coin-sides-check")["outputs"] = [{"output_type": "stream", "name": "stdout"}]
        cell_of(notebook, "01-coin-sides-check")["execution_count"] = 5
        notebook["cells"].append(
            {**cell_of(notebook, "01-given-1"), "source": [], "id": "ab", "metadata": {}}
        )
        notebook["metadata"]["kernelspec"]["display_name"] = "Python 3.13"

    edit_notebook(work / NAME / f"{NAME}.ipynb", run_all)
    course = rebuilt(tiny_built, NEW_TEXT)
    (line,) = opened(course)
    assert "1 lesson has changed" in line and "you have the new version" in line
    assert tree(work / NAME) == tree(course.root / "release" / NAME)
    assert opened(course) == []


@pytest.mark.parametrize(
    "edit",
    [
        lambda notebook: cell_of(notebook, "01-coin-sides-answer").update(source="coin_sides = 2"),
        lambda notebook: cell_of(notebook, "01-reading-1").update(source="# Coins\n\nA note of mine."),
        lambda notebook: notebook["cells"].insert(
            3, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "A note of mine."}
        ),
        lambda notebook: notebook["cells"].pop(2),
    ],
    ids=["answer", "reading", "own cell", "deleted cell"],
)
def test_a_begun_copy_opens_whole_with_its_lesson_json(
    tiny_built: Course, edit: Callable[[dict[str, Any]], None]
) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work" / NAME
    edit_notebook(work / f"{NAME}.ipynb", edit)
    before = tree(work)
    course = rebuilt(tiny_built, NEW_TEXT, NEW_NUMBER)
    for prefix in (None, "01"):
        (line,) = opened(course, prefix)
        assert line.startswith("Lesson 1, Coins, has changed since you began it; it opens as you began it.")
        assert line.endswith("autograder lab 01 --update") and "\n" not in line
    assert tree(work) == before
    mine, data = versions(work)
    assert mine == data != versions(course.root / "release" / NAME)[0]


def test_a_file_that_the_learner_changed_makes_a_copy_begun(tiny_built: Course) -> None:
    (tiny_built.root / "release" / NAME / "throws.csv").write_text("1\n", encoding="utf-8")
    opened(tiny_built)
    (tiny_built.root / "work" / NAME / "throws.csv").write_text("my own", encoding="utf-8")
    (line,) = opened(rebuilt(tiny_built, NEW_TEXT))
    assert "--update" in line


def test_a_lesson_json_of_another_version_is_put_right(tiny_built: Course) -> None:
    """As where a learner, or an older `lab`, copied the new one over it."""
    opened(tiny_built)
    work = tiny_built.root / "work" / NAME
    answer(work.parent, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    shutil.copy(course.root / "release" / NAME / lesson_json.FILE, work)
    opened(course)
    mine, data = versions(work)
    assert mine == data


def test_a_notebook_that_was_replaced_by_hand_gets_its_lesson_json(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work" / NAME
    answer(work.parent, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    shutil.copy(course.root / "release" / NAME / f"{NAME}.ipynb", work)
    assert opened(course) == []
    assert tree(work) == tree(course.root / "release" / NAME)


def test_a_notebook_of_nobody_knows_which_version_is_left_and_said(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work" / NAME
    edit_notebook(
        work / f"{NAME}.ipynb", lambda notebook: notebook["metadata"]["autograder"].update(version="abc")
    )
    before = tree(work)
    (line,) = opened(tiny_built)
    assert "a check may call a right answer wrong" in line and "--update" in line
    assert tree(work) == before


# copies from before there were versions


def test_an_old_copy_of_the_same_lesson_is_taken_as_it_is(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work"
    shutil.rmtree(work / ".begun")
    without_versions(work / NAME)
    answer(work, "coin-sides", "coin_sides = 2")
    before = (work / NAME / f"{NAME}.ipynb").read_bytes()
    assert opened(tiny_built) == []
    assert (work / NAME / f"{NAME}.ipynb").read_bytes() == before
    fresh = tiny_built.root / "release" / NAME / lesson_json.FILE
    assert (work / NAME / lesson_json.FILE).read_bytes() == fresh.read_bytes()
    (line,) = opened(rebuilt(tiny_built, NEW_TEXT))
    assert "it opens as you began it" in line


def test_an_old_copy_of_another_lesson_is_left_and_said(tiny_built: Course) -> None:
    opened(tiny_built)
    work = tiny_built.root / "work"
    shutil.rmtree(work / ".begun")
    without_versions(work / NAME)
    answer(work, "coin-sides", "coin_sides = 2")
    before = tree(work / NAME)
    course = rebuilt(tiny_built, NEW_TEXT)
    (line,) = opened(course)
    assert "a check may call a right answer wrong" in line and "autograder lab 01 --update" in line
    assert tree(work / NAME) == before


def test_a_release_from_before_versions_is_copied_and_told_apart(tiny_built: Course) -> None:
    """A course whose release was built by an older package."""
    release = tiny_built.root / "release" / NAME
    without_versions(release)
    opened(tiny_built)
    work = tiny_built.root / "work"
    answer(work, "coin-sides", "coin_sides = 2")
    assert opened(tiny_built) == []
    edit_notebook(
        release / f"{NAME}.ipynb", lambda one: cell_of(one, "01-reading-1").update(source="# Other")
    )
    (line,) = opened(tiny_built)
    assert "it opens as you began it" in line


# stopped midway


class Killed(BaseException):
    """As if the process had been killed here."""


def test_stopped_anywhere_it_is_the_old_copy_or_the_new_one(
    tiny_built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call that changes a file or a folder is the last one once."""
    (tiny_built.root / "release" / NAME / "throws.csv").write_text("1\n", encoding="utf-8")
    lab.copy_out(tiny_built.root)
    work = tiny_built.root / "work"
    answer(work, "coin-sides", "coin_sides = 2  # mine")
    (work / NAME / "notes.txt").write_text("mine", encoding="utf-8")
    old = tree(work / NAME)
    course = rebuilt(tiny_built, NEW_TEXT)
    shutil.copytree(work, tiny_built.root / "kept")
    real: dict[str, Any] = {
        "replace": os.replace,
        "rename": Path.rename,
        "rmtree": shutil.rmtree,
        "copyfile": shutil.copyfile,
    }
    left = [0]

    def counted(name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real[name](*given, **named)

        return call

    seen = set()
    for steps in range(200):
        real["rmtree"](work)
        shutil.copytree(tiny_built.root / "kept", work)
        left[0] = steps
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", counted("replace"))
            patched.setattr(Path, "rename", counted("rename"))
            patched.setattr(shutil, "rmtree", counted("rmtree"))
            patched.setattr(shutil, "copyfile", counted("copyfile"))
            try:
                lab.update(course.root, "01", lambda line: None)
                done = True
            except Killed:
                done = False
        renewal.finish([Copy(work, course.root / "release" / NAME)])
        now = tree(work / NAME)
        is_old = now == old
        seen.add(is_old)
        if not is_old:
            assert now["notes.txt"] == b"mine" and b"coin_sides = 2  # mine" in now[f"{NAME}.ipynb"]
            assert versions(work / NAME) == versions(course.root / "release" / NAME)
            assert versions(work / ".begun" / NAME) == versions(work / NAME)
            (kept,) = (work / "before").iterdir()
            assert tree(kept) == old
        assert not list((work / ".renew").glob("*")) if (work / ".renew").exists() else True
        lab.update(course.root, "01", lambda line: None)
        assert versions(work / NAME) == versions(course.root / "release" / NAME)
        assert len([path for path in (work / "before").iterdir() if path.name[0] != "."]) == 1
        if done:
            break
    assert done and steps > 8 and seen == {True, False}


def test_what_is_typed_after_a_stop_stays(tiny_built: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before the notebook was moved, nothing had happened: a later `lab` must not go on with it."""
    lab.copy_out(tiny_built.root)
    work = tiny_built.root / "work"
    answer(work, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    real = os.replace

    def stop(source: Any, target: Any) -> None:
        if str(target).endswith(".ipynb") and ".renew" in str(source) and ".renew" not in str(target):
            raise Killed
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", stop)
        with pytest.raises(Killed):
            lab.update(course.root, "01", lambda line: None)
    answer(work, "coin-sides", "coin_sides = 2  # looked at again")
    before = tree(work / NAME)
    (line,) = opened(course)
    assert "it opens as you began it" in line and tree(work / NAME) == before


def test_a_notebook_that_is_saved_meanwhile_is_not_overwritten(
    tiny_built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.copy_out(tiny_built.root)
    work = tiny_built.root / "work"
    answer(work, "coin-sides", "coin_sides = 2")
    course = rebuilt(tiny_built, NEW_TEXT)
    keep = renewal.keep_before

    def save_meanwhile(copy: Copy) -> Path:
        kept = keep(copy)
        answer(work, "coin-sides", "coin_sides = 3")
        return kept

    monkeypatch.setattr(renewal, "keep_before", save_meanwhile)
    with pytest.raises(CourseError, match="was saved while"):
        lab.update(course.root, "01", lambda line: None)
    assert "coin_sides = 3" in (work / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    mine, data = versions(work / NAME)
    assert mine == data
