"""A build removes and overwrites what a build made, and nothing else; it says what it did with each file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.authoring.building import fingerprints, placement
from autograder.authoring.building.build import build
from autograder.authoring.building.placement import Placed
from autograder.authoring.checks.verify import verify
from autograder.core.errors import BuildError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support.builds import change, tree
from tests.support.lesson_with_files import write_files
from tests.support.verbs import run, says_one_line

NAME = "01-coins"
KINDS = ("source", "release")


def beside(course: Course) -> Path:
    """The folder of the lesson's files."""
    return course.root / "lessons" / NAME


def test_files_that_no_build_made_stay_and_are_named(tiny_built: Course) -> None:
    mine = {f"{kind}/{NAME}/{name}": b"mine" for kind in KINDS for name in ("data.csv", "pictures/a.png")}
    write_files(tiny_built.root, mine)
    course = change(tiny_built, "01-coins.md", ("A coin shows", "This coin shows"))
    result = run(course.root, "build", "01")
    assert result.exit_code == 0, result.output
    for name, data in mine.items():
        assert (course.root / name).read_bytes() == data
        assert f"  left {name}: not made by a build. Move it to lessons/{NAME}/, or away.\n" in result.output
        assert f"wrote {name}" not in result.output and f"removed {name}" not in result.output
    # Named again while they are there, also where nothing is to be built.
    assert "  left release/01-coins/data.csv" in run(course.root, "build").output
    (fresh,) = [p for p in verify(course, NAME) if p.words == "the built files are fresh"]
    assert sorted(one.path.relative_to(course.root).as_posix() for one in fresh.problems) == sorted(mine)
    assert all(f"lessons/{NAME}/" in one.remedy for one in fresh.problems)


def test_what_left_the_lesson_is_removed_and_named(tiny: Course) -> None:
    write_files(beside(tiny), {"old.py": b"x = 1\n", "deep/er/old.csv": b"1\n", "stays.csv": b"1\n"})
    build(tiny, tiny.lessons)
    (beside(tiny) / "old.py").rename(beside(tiny) / "new.py")
    shutil.rmtree(beside(tiny) / "deep")
    (fresh,) = [p for p in verify(tiny, NAME) if p.words == "the built files are fresh"]
    gone = [one for one in fresh.problems if "not built from the lesson" in one.problem]
    assert len(gone) == 4 and all("build 01, which removes it" in one.remedy for one in gone)
    result = run(tiny.root, "build")
    for kind in KINDS:
        assert f"  wrote {kind}/{NAME}/new.py\n" in result.output
        assert f"  wrote {kind}/{NAME}/lesson.json\n" in result.output
        for name in ("old.py", "deep/er/old.csv"):
            assert f"  removed {kind}/{NAME}/{name}\n" in result.output
            assert f"wrote {kind}/{NAME}/{name}" not in result.output
        assert sorted(tree(tiny.root / kind / NAME)) == [
            "01-coins.ipynb", "lesson.json", "new.py", "stays.csv",
        ]  # fmt: skip
        assert not (tiny.root / kind / NAME / "deep").exists()
    assert " 11 files changed." in result.output  # with the glossary, which is written by the command alone


def test_a_fresh_clone_knows_what_a_build_made(tiny: Course) -> None:
    """The list lies in the built lesson.json, which git has; the stamps, which git has not, are gone."""
    write_files(beside(tiny), {"old.csv": b"1\n"})
    build(tiny, tiny.lessons)
    clone = tiny.root.parent / "clone"
    shutil.copytree(tiny.root, clone, ignore=shutil.ignore_patterns(".*"))
    (clone / "lessons" / NAME / "old.csv").unlink()
    course = courses.read(clone)
    assert build(course, [NAME])[NAME].removed == tuple(f"{kind}/{NAME}/old.csv" for kind in KINDS)


@pytest.mark.parametrize("damage", ["missing", "no JSON", "no list"])
def test_without_the_list_nothing_is_removed(tiny: Course, damage: str) -> None:
    write_files(beside(tiny), {"old.csv": b"1\n"})
    build(tiny, tiny.lessons)
    (beside(tiny) / "old.csv").unlink()
    for kind in KINDS:
        path = tiny.root / kind / NAME / "lesson.json"
        data = json.loads(path.read_text())
        texts = {"no JSON": "{", "no list": json.dumps({**data, "files": ["old.csv"]})}
        path.unlink() if damage == "missing" else path.write_text(texts[damage])
    placed = build(tiny, tiny.lessons)[NAME]
    assert placed.removed == ()
    assert placed.left == tuple(f"{kind}/{NAME}/old.csv" for kind in KINDS)


def test_a_built_file_that_somebody_changed_stays(tiny: Course) -> None:
    write_files(beside(tiny), {"old.csv": b"1\n"})
    build(tiny, tiny.lessons)
    (tiny.root / "release" / NAME / "old.csv").write_bytes(b"an hour's work\n")
    before = tree(tiny.root, *KINDS)
    # Neither is it overwritten by the lesson's own …
    write_files(beside(tiny), {"old.csv": b"2\n"})
    says_one_line(
        run(tiny.root, "build"), f"release/{NAME}/old.csv", "in the way", f"lessons/{NAME}/", "Move"
    )
    assert tree(tiny.root, *KINDS) == before
    # … nor removed with it.
    (beside(tiny) / "old.csv").unlink()
    placed = build(tiny, tiny.lessons)[NAME]
    assert placed.removed == (f"source/{NAME}/old.csv",)
    assert placed.left == (f"release/{NAME}/old.csv",)


def test_a_file_that_is_there_already_is_no_obstacle_where_it_is_the_same(tiny_built: Course) -> None:
    for folder in (beside(tiny_built), *(tiny_built.root / kind / NAME for kind in KINDS)):
        write_files(folder, {"data.csv": b"1\n"})
    placed = build(tiny_built, [NAME])[NAME]
    files = (f"{NAME}.ipynb", "lesson.json")  # a new version of the lesson
    assert placed == Placed(wrote=tuple(f"{kind}/{NAME}/{file}" for kind in KINDS for file in files))


@pytest.mark.parametrize("there", ["data.csv", "data/table/x.csv", "data"])
def test_what_is_in_the_way_stops_the_build_of_all(tiny_built: Course, there: str) -> None:
    wanted = "data/table" if there == "data/table/x.csv" else there if there == "data.csv" else "data/x.csv"
    write_files(tiny_built.root / "release" / NAME, {there: b"mine"})
    write_files(beside(tiny_built), {wanted: b"1\n"})
    course = change(tiny_built, "01-coins.md", ("A coin shows", "This coin shows"))
    before = tree(course.root, *KINDS)
    with pytest.raises(BuildError, match=rf"release/{NAME}/{there} is in the way"):
        build(course, course.lessons)
    assert tree(course.root, *KINDS) == before


def test_a_link_in_a_built_folder_is_not_written_through(tiny_built: Course, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_bytes(b"mine")
    link = tiny_built.root / "release" / NAME / "data.csv"
    link.symlink_to(tmp_path / "mine.csv")
    write_files(beside(tiny_built), {"data.csv": b"1\n"})
    with pytest.raises(BuildError, match=r"data\.csv is in the way"):
        build(tiny_built, [NAME])
    assert link.is_symlink() and (tmp_path / "mine.csv").read_bytes() == b"mine"


def test_a_file_may_become_a_folder_and_a_folder_a_file(tiny: Course) -> None:
    write_files(beside(tiny), {"a": b"1", "b/x": b"2", "b/y/z": b"3"})
    build(tiny, tiny.lessons)
    shutil.rmtree(beside(tiny))
    write_files(beside(tiny), {"a/x": b"1", "b": b"2"})
    build(tiny, tiny.lessons)
    for kind in KINDS:
        found = tree(tiny.root / kind / NAME)
        assert {name: found[name] for name in found if name[0] in "ab"} == {"a/x": b"1", "b": b"2"}


def test_hidden_files_and_caches_are_nobodys_business(tiny_built: Course) -> None:
    junk = {
        ".ipynb_checkpoints/01-coins-checkpoint.ipynb": b"{}",
        "__pycache__/x.pyc": b"x",
        ".DS_Store": b"x",
    }
    write_files(tiny_built.root / "release" / NAME, junk)
    assert build(tiny_built, [NAME]) == {NAME: Placed()}
    assert all((tiny_built.root / "release" / NAME / name).exists() for name in junk)


@pytest.mark.parametrize("after", range(9))
def test_a_build_that_is_killed_loses_nothing(
    tiny: Course, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before its first, second, … file: the next build ends where one that was not killed ends."""
    write_files(beside(tiny), {"a.csv": b"1\n", "gone.csv": b"1\n"})
    build(tiny, tiny.lessons)
    (beside(tiny) / "gone.csv").unlink()
    write_files(beside(tiny), {"a.csv": b"2\n", "b.csv": b"3\n"})
    moved = []

    def killed(old: Path, new: Path) -> None:
        if Path(new).is_relative_to(tiny.root / "source") or Path(new).is_relative_to(tiny.root / "release"):
            if len(moved) == after:
                raise KeyboardInterrupt
            moved.append(new)
        Path(old).rename(new)

    monkeypatch.setattr(placement.os, "replace", killed)
    if after < 8:
        with pytest.raises(KeyboardInterrupt):
            build(tiny, tiny.lessons)
    else:
        build(tiny, tiny.lessons)
    assert len(moved) == after
    monkeypatch.undo()
    assert build(tiny, tiny.lessons)[NAME].left == ()
    for kind in KINDS:
        found = tree(tiny.root / kind / NAME)
        assert sorted(found) == ["01-coins.ipynb", "a.csv", "b.csv", "lesson.json"]
        assert (found["a.csv"], found["b.csv"]) == (b"2\n", b"3\n")
    assert (tiny.root / fingerprints.STAMPS).exists()
