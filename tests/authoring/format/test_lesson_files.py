"""Files beside a lesson: which are taken, which are passed over, which are refused with path and remedy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.authoring.building.build import build
from autograder.authoring.checks.verify import verify
from autograder.authoring.evaluation import workplace
from autograder.authoring.format import lesson_files
from autograder.authoring.format.portable_names import LONGEST
from autograder.core.errors import CourseError, LessonError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from tests.support.builds import change, told, tree
from tests.support.lesson_with_files import FILES, NAME, with_heights, write_files

TEXT = "01-coins.md"


def problems(course: Course) -> list[tuple[str, str]]:
    """(path in the lesson's folder, what is said) of what a build refuses; nothing is changed then."""
    before = tree(course.root)
    with pytest.raises(LessonError) as caught:
        build(course, course.lessons)
    assert tree(course.root) == before
    folder = course.root / "lessons" / "01-coins"
    assert all(problem.remedy for problem in caught.value.problems)
    return [
        (problem.path.relative_to(folder).as_posix(), problem.problem) for problem in caught.value.problems
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CON", "device"),
        ("aux.csv", "device"),
        ("data/Lpt1.txt", "device"),
        ("a:b.csv", "Windows"),
        ("a\\b.csv", "Windows"),
        ("what?.csv", "Windows"),
        ("tab\there.csv", "Windows"),
        ("dot.", "dot"),
        ("data /x.csv", "space"),
        ("u\u0308ber.csv", "accent"),
        ("x" * LONGEST + ".csv", "longer than"),
        ("01-coins.ipynb", "notebook"),
        ("more/extra.ipynb", "notebook"),
        ("lesson.json", "a file of its own"),
        ("Lesson.JSON", "a file of its own"),
        ("environment.yml", "a file of its own"),
        ("HOW-TO.txt", "a file of its own"),
        ("tool.whl", "a file of its own"),
        ("timestamp.txt", "a file of its own"),
        ("01-coins_files/x.png", "a file of its own"),
        ("random.py", "imports random"),
        ("numpy.py", "imports numpy"),
        ("autograder/check.py", "imports autograder"),
    ],
)
def test_a_name_that_would_not_work_everywhere_is_refused(tiny: Course, name: str, words: str) -> None:
    write_files(tiny.root / "lessons" / "01-coins", {name: b"x", "good.csv": b"1\n"})
    ((path, said),) = problems(tiny)
    assert path == name and words in said


def test_a_name_that_is_not_utf_8_is_refused(tiny: Course) -> None:
    folder = tiny.root / "lessons" / "01-coins"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has UTF-8 names alone")
    ((_, said),) = problems(tiny)
    assert "UTF-8" in said


@pytest.mark.parametrize(
    "names", [("data.csv", "Data.csv"), ("a/x.csv", "A/y.csv", "a/Y.csv"), ("ß.csv", "ss.csv")]
)
def test_names_that_are_one_file_elsewhere_are_refused(tiny: Course, names: tuple[str, ...]) -> None:
    folder = tiny.root / "lessons" / "01-coins"
    write_files(folder, dict.fromkeys(names, b"x"))
    if len([path for path in folder.rglob("*") if path.is_file()]) < len(names):
        pytest.skip("they are one file here")
    assert [said for _, said in problems(tiny) if "are one file" in said]


@pytest.mark.parametrize("to", ["/etc/hostname", "../01-coins.md", "../../..", "inside.csv", "nowhere"])
def test_links_are_refused_wherever_they_lead(tiny: Course, to: str) -> None:
    folder = tiny.root / "lessons" / "01-coins"
    write_files(folder, {"inside.csv": b"x"})
    (folder / "sub").mkdir()
    (folder / "sub" / "link").symlink_to(to)
    assert problems(tiny) == [("sub/link", "this is a link")]


def test_a_folder_that_is_a_link_is_refused(tiny: Course, tmp_path: Path) -> None:
    write_files(tmp_path / "elsewhere", {"x.csv": b"x"})
    (tiny.root / "lessons" / "01-coins").symlink_to(tmp_path / "elsewhere")
    assert problems(tiny) == [(".", "this is a link")]


def test_what_is_no_file_is_refused(tiny: Course) -> None:
    (tiny.root / "lessons" / "01-coins").mkdir()
    os.mkfifo(tiny.root / "lessons" / "01-coins" / "pipe")
    assert problems(tiny) == [("pipe", "this is no file that could be copied")]


def test_files_that_are_too_large_are_refused(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tiny.root / "lessons" / "01-coins"
    with (folder.parent / "x").open("wb") as file:
        file.truncate(lesson_files.LARGEST + 1)
    folder.mkdir()
    (folder.parent / "x").rename(folder / "large.csv")
    assert [path for path, said in problems(tiny) if "larger than 5 MB" in said] == ["large.csv"]
    (folder / "large.csv").unlink()
    monkeypatch.setattr(lesson_files, "LARGEST_TOGETHER", 1 << 20)
    write_files(folder, {"a.csv": b"x" * 600_000, "b.csv": b"x" * 600_000})
    assert problems(tiny) == [(".", "the lesson's files are larger than 1 MB together")]


def test_what_nobody_means_is_passed_over(tiny: Course) -> None:
    junk = [".DS_Store", ".git/config", ".ipynb_checkpoints/x-checkpoint.py", "__pycache__/a.cpython-311.pyc"]
    junk += ["old.pyc", "notes.txt~", "Thumbs.db", "sub/.hidden"]
    names = ["data.csv", "résumé mit Leerzeichen.txt", "sub/deep/er/x.txt", "Makefile", "empty"]
    folder = tiny.root / "lessons" / "01-coins"
    write_files(folder, dict.fromkeys([*junk, *names], b"x") | {"empty": b""})
    build(tiny, tiny.lessons)
    for kind in ("source", "release"):
        found = tree(tiny.root / kind / "01-coins")
        assert sorted(found) == sorted([*names, "01-coins.ipynb", "lesson.json"])
        assert found["empty"] == b""


def test_files_of_no_lesson_are_named(tiny: Course) -> None:
    write_files(tiny.root / "lessons" / "07-renamed", {"data.csv": b"x"})
    with pytest.raises(CourseError, match=r"07-renamed.*belongs to no lesson"):
        courses.read(tiny.root)


def test_the_settings_of_nbgrader_may_not_keep_a_file_out(tiny: Course) -> None:
    write_files(tiny.root / "lessons" / "01-coins", {"data.csv": b"x"})
    with (tiny.root / "nbgrader_config.py").open("a") as config:
        config.write('\nc.CourseDirectory.ignore = ["*.csv"]\n')
    with pytest.raises(Exception, match=r"keeps 'data.csv' of lessons/01-coins/ out of the release"):
        build(tiny, tiny.lessons)
    assert not (tiny.root / "release").exists()


# Freshness, and what is kept of the values.


def test_a_lesson_is_built_again_where_one_of_its_files_changed(tiny: Course) -> None:
    course = with_heights(tiny)
    folder = course.root / "lessons" / NAME
    assert told(course) == ["01-coins", NAME]
    assert told(course) == []
    (folder / "plot.png").write_bytes(b"another")
    assert told(course) == [NAME]
    (folder / "new.txt").write_text("new")
    assert told(course) == [NAME]
    (folder / "new.txt").unlink()
    assert told(course) == [NAME]
    (course.root / "release" / NAME / "heights.py").unlink()
    assert told(course) == [NAME]
    assert told(course) == []


def test_wrong_implementations_run_again_where_a_file_changed(tiny: Course) -> None:
    course = with_heights(tiny)
    build(course, [NAME])
    kept = course.root / ".evaluated" / f"{NAME}.json"
    before = kept.read_text()
    change(course, f"{NAME}/data/heights.csv", ("171.5", "170.5"))
    build(course, [NAME])
    after = kept.read_text()
    assert before != after and "1.8025" in after


# Where code runs.


def test_code_cannot_change_the_authors_files(tiny: Course) -> None:
    course = with_heights(tiny)
    before = tree(course.root / "lessons")
    text = course.path(NAME).read_text()
    wild = "open('heights.py', 'a').write('# x'); open('made.txt', 'w').write('made')\n"
    course.path(NAME).write_text(text.replace("first = heights", f"{wild}first = heights", 1))
    build(course, [NAME])
    after = tree(course.root / "lessons")
    assert {name: data for name, data in after.items() if not name.endswith(f"{NAME}.md")} == {
        name: data for name, data in before.items() if not name.endswith(f"{NAME}.md")
    }
    assert (course.root / "release" / NAME / "data" / "heights.csv").read_bytes() == FILES["data/heights.csv"]
    assert not (course.root / "release" / NAME / "made.txt").exists()


def test_a_figure_starts_from_the_files_as_they_are(tiny: Course) -> None:
    """Given cells run once more for the figures: what they write is not found there twice."""
    course = with_heights(tiny)
    wild = "open('data/heights.csv', 'a').write('dan,190.0\\n')\n"
    text = course.path(NAME).read_text().replace("first = heights", f"{wild}first = heights", 1)
    for old, new in (("range(3)", "range(4)"), ("rows)) / 300", "rows)) / 400"), ("(180.25 -", "(190 -")):
        text = text.replace(old, new)
    course.path(NAME).write_text(text)
    build(course, [NAME])
    assert "Three bars, the highest 1.90 m." in (course.root / "release" / NAME / f"{NAME}.ipynb").read_text()


def test_a_file_in_the_courses_own_folder_is_not_found(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    (tiny.root / "numbers.csv").write_text("0.75\n")
    monkeypatch.chdir(tiny.root)
    course = change(tiny, TEXT, ("coin_sides = 2\n", "coin_sides = len(open('numbers.csv').read()) - 3\n"))
    with pytest.raises(LessonError, match=r"FileNotFoundError.*numbers.csv") as caught:
        build(course, course.lessons)
    assert "lessons/NN-name/" in caught.value.problems[0].remedy
    write_files(course.root / "lessons" / "01-coins", {"numbers.csv": b"0.75\n"})
    build(course, course.lessons)
    assert Path.cwd() == tiny.root


def two_lessons(course: Course, module: str) -> Course:
    """Two lessons that both take their numbers from a module of this name, each from its own."""
    table = course.root / "lessons" / "course.toml"
    text = course.path("01-coins").read_text()
    names = [f"{number:02d}-coins" for number in range(1, 5)]
    table.write_text(table.read_text().replace('["01-coins"]', str(names).replace("'", '"')))
    for number, name in enumerate(names, 1):
        own = text if number == 1 else text.replace("Entropy ::", f"Entropy{number} ::")
        own = own.replace("coin_sides = 2\n", f"import {module}\n\ncoin_sides = {module}.sides()\n", 1)
        own = own.replace("assert coin_sides == len(coin)", f"assert coin_sides == {number} + 10")
        own = own.replace("coin_sides = 3\n", f"import {module}\ncoin_sides = {module}.sides() + 5\n", 1)
        (course.root / "lessons" / f"{name}.md").write_text(own)
        code = f"def sides():\n    from {module} import inner\n    return inner()\n"
        code += f"def inner(): return {number} + 10\n"
        write_files(course.root / "lessons" / name, {f"{module}.py": code.encode()})
    return courses.read(course.root)


@pytest.mark.parametrize("module", ["sides_of", "tomlkit"])
def test_lessons_with_a_module_of_one_name_do_not_mix(tiny: Course, module: str) -> None:
    """In one process and in several; also where a library that is in use has the name."""
    import tomlkit

    course = two_lessons(tiny, module)
    for number, name in enumerate(course.lessons, 1):  # one after another, in this process
        build(course, [name])
        source = (course.root / "source" / name / f"{name}.ipynb").read_text()
        assert f"assert same(coin_sides, {number + 10})" in source
    first = tree(course.root, "source", "release")
    build(course, course.lessons, force=True)  # on all cores
    assert tree(course.root, "source", "release") == first
    for name in course.lessons:
        broken = [p.words for p in verify(course, name) if p.problems]
        assert "the solution is right" not in broken and "the proof reaches the same value" not in broken
    assert __import__("sys").modules["tomlkit"] is tomlkit
    assert workplace._open == {}


def test_a_failing_lesson_leaves_nothing_behind(tiny: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tiny.root.parent / "tmp"))
    (tiny.root.parent / "tmp").mkdir()
    course = change(with_heights(tiny), f"{NAME}/heights.py", ("path=", "path=undefined or "))
    home, path, modules = Path.cwd(), list(sys.path), set(sys.modules)
    with pytest.raises(LessonError, match=r"02-heights\.md:\d+: NameError: name 'undefined'"):
        build(course, [NAME])
    assert (Path.cwd(), sys.path) == (home, path)
    assert not {"heights", "tables"} & (set(sys.modules) - modules)
    assert list((tiny.root.parent / "tmp").iterdir()) == []
