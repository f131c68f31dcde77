"""One zip a learner can open anywhere: the same bytes every time, whole or not at all, and it works."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest

import autograder
from autograder.course.course_toml import Course
from autograder.publishing import handout, wheel
from tests.support.rosters import run
from tests.support.verbs import says_one_line

PROJECT = Path(autograder.__file__).parents[1]
LESSON = "01-coins"


def unzipped(course: Course, to: Path) -> Path:
    """The lesson's folder as a learner has it."""
    result = run(course.root, "handout", "01", "--to", str(to / "x.zip"))
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(to / "x.zip") as archive:
        archive.extractall(to)
    return to / LESSON


def test_it_holds_what_a_learner_needs_and_no_more(tiny_built: Course, tmp_path: Path) -> None:
    folder = unzipped(tiny_built, tmp_path)
    program = wheel.build().name
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [f"{LESSON}.ipynb", "lesson.json", program, "environment.yml", "HOW-TO.txt"]
    )
    release = tiny_built.root / "release" / LESSON
    for name in (f"{LESSON}.ipynb", "lesson.json"):
        assert (folder / name).read_bytes() == (release / name).read_bytes()
    assert (folder / "environment.yml").read_bytes() == (PROJECT / "environment.yml").read_bytes()
    lines = (folder / "HOW-TO.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    for line, words in zip(
        lines, (program, f"jupyter lab {LESSON}.ipynb", f"upload {LESSON}.ipynb"), strict=True
    ):
        assert words in line
    assert "generative-models" in lines[0]


def test_it_holds_no_answer(tiny_built: Course, tmp_path: Path) -> None:
    folder = unzipped(tiny_built, tmp_path)
    for path in folder.iterdir():
        if path.suffix in (".ipynb", ".json"):
            for word in ("BEGIN SOLUTION", "HIDDEN TESTS", "assert coin_sides"):
                assert word not in path.read_text(encoding="utf-8")


def test_the_same_bytes_at_any_time_under_any_umask(tiny_built: Course, tmp_path: Path) -> None:
    first = handout.make(tiny_built.root, "01").data
    for path in (tiny_built.root / "release").rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    code = (
        "import os, sys, hashlib; os.umask(0o077); from pathlib import Path;"
        "from autograder.publishing import handout;"
        f"print(hashlib.sha256(handout.make(Path({str(tiny_built.root)!r}), '01').data).hexdigest())"
    )
    env = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_it_goes_into_build_or_where_it_is_told(tiny_built: Course, tmp_path: Path) -> None:
    result = run(tiny_built.root, "handout", "01-coins")
    target = tiny_built.root / "build" / "handout" / f"{LESSON}.zip"
    assert f"Wrote {target} (" in result.output
    other = tmp_path / "new" / "there.zip"
    assert run(tiny_built.root, "handout", "01", "--to", str(other)).exit_code == 0
    assert other.read_bytes() == target.read_bytes()
    assert other.stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_old_zip(
    tiny_built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "x.zip"
    handout.write(handout.Handout(LESSON, b"old"), target)

    def failing(old: object, new: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="No space"):
        handout.write(handout.make(tiny_built.root, "01"), target)
    assert [(path.name, path.read_bytes()) for path in target.parent.iterdir()] == [("x.zip", b"old")]


def test_a_course_has_its_own_environment(tiny_built: Course, tmp_path: Path) -> None:
    (tiny_built.root / "environment.yml").write_text("name: my-own\n")
    folder = unzipped(tiny_built, tmp_path)
    assert "conda activate my-own" in (folder / "HOW-TO.txt").read_text()
    (tiny_built.root / "environment.yml").write_text("channels: []\n")
    result = run(tiny_built.root, "handout", "01")
    says_one_line(result, "environment.yml gives no name")


def test_what_is_missing_is_one_line(tiny_built: Course) -> None:
    says_one_line(run(tiny_built.root, "handout", "07"), "starts with '07'")
    (tiny_built.root / "release" / LESSON / f"{LESSON}.ipynb").unlink()
    says_one_line(run(tiny_built.root, "handout", "01"), "autograder build 01")


def test_without_a_build_it_says_what_to_run(tiny: Course) -> None:
    says_one_line(run(tiny.root, "handout", "01"), "Run: autograder build")


# the wheel


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_is_the_one_that_hatchling_builds(tmp_path: Path) -> None:
    """By a second route: the build tool's own wheel of this source tree."""
    made = wheel.build()
    (tmp_path / made.name).write_bytes(made.data)
    built = tmp_path / "built"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=PROJECT,
        check=True,
        capture_output=True,
    )
    (theirs,) = built.iterdir()
    assert theirs.name == made.name
    mine, other = files_of(tmp_path / made.name), files_of(theirs)
    assert set(mine) == set(other)
    for name in set(mine) - {name for name in mine if name.endswith(("/RECORD", "/WHEEL", "/METADATA"))}:
        assert mine[name] == other[name], name
    about = message_from_bytes(next(data for name, data in mine.items() if name.endswith("/METADATA")))
    assert (about["Name"], about["Requires-Python"]) == ("generative-models-course", ">=3.11")


def test_its_record_is_right(tmp_path: Path) -> None:
    made = wheel.build()
    (tmp_path / "x.whl").write_bytes(made.data)
    files = files_of(tmp_path / "x.whl")
    record = next(name for name in files if name.endswith("/RECORD"))
    lines = dict(line.split(",", 1) for line in files.pop(record).decode().splitlines())
    assert lines.pop(record) == ","
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        assert lines.pop(name) == f"sha256={digest},{len(data)}"
    assert lines == {}


def test_a_learner_installs_it_and_works_somewhere_else(tiny_built: Course, tmp_path: Path) -> None:
    folder = unzipped(tiny_built, tmp_path / "learner")
    (program,) = folder.glob("*.whl")
    place = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-compile",
         "--disable-pip-version-check", "--target", str(place), str(program)],
        check=True,
    )  # fmt: skip
    cells = json.loads((folder / f"{LESSON}.ipynb").read_text(encoding="utf-8"))["cells"]
    checks = [cell["source"] for cell in cells if 'check("coin-sides"' in "".join(cell["source"])]
    code = "import autograder; from autograder import check; print(autograder.__file__)\ncoin_sides = 2\n"
    done = subprocess.run(
        [sys.executable, "-c", code + "".join(checks[0])],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(place)},
        check=True,
    )
    assert str(place) in done.stdout
    assert "✓" in done.stdout
