"""A platform is one file and one row, and every verb then knows it."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder
from autograder.classroom.lms import registry
from autograder.course.course_toml import Course
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook.submitted_files import timestamp_of
from autograder.grading.sandbox.limits import Limits
from tests.support import lms_downloads as lms
from tests.support.lms_downloads import BY_ID, Packed, Person, zipped
from tests.support.rosters import written
from tests.support.trees import tree

PACKAGE = Path(autograder.__file__).parent
REGISTRY = Path(registry.__file__).relative_to(PACKAGE)
PLATFORM = Path(__file__).parents[2] / "support" / "brightspace.py"
LAST_ROW = "    NamedFiles(),\n"
IMPORT = "from autograder.classroom.lms.canvas import Canvas\n"
LESSON = "01-coins"

Verb = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package with one more file and one more row."""
    made = tmp_path / "copy" / "autograder"
    shutil.copytree(PACKAGE, made, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PLATFORM, (made / REGISTRY).with_name("brightspace.py"))
    text = (made / REGISTRY).read_text(encoding="utf-8")
    assert text.count(LAST_ROW) == text.count(IMPORT) == 1
    text = text.replace(IMPORT, f"from autograder.classroom.lms.brightspace import Brightspace\n{IMPORT}")
    text = text.replace(LAST_ROW, f"    Brightspace(),\n{LAST_ROW}")
    (made / REGISTRY).write_text(text, encoding="utf-8")
    return made.parent


@pytest.fixture
def verb(copy: Path, tiny_built: Course) -> Verb:
    """A verb of the copy on the tiny course, as it is typed."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "autograder", *words, "--course", tiny_built.root],
            env={**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "250"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


def named(person: Person, number: int, time: str, file: str) -> str:
    return f"{number}-2557369 - {person.name} - {time}/{file}"


def download(path: Path, course: Course) -> Path:
    released = course.root / "release" / LESSON / f"{LESSON}.ipynb"
    wrong, right = lms.answered(released, "coin_entropy = 3"), lms.answered(released, "coin_entropy = 0.5623")
    return zipped(
        path,
        Packed(named(BY_ID["am12"], 397063, "Jan 7, 2030 900 AM", "x.ipynb"), right),
        Packed(named(BY_ID["am12"], 397064, "Jan 7, 2030 1105 AM", "x.ipynb"), wrong),
        Packed(named(BY_ID["jo34"], 397065, "Jan 7, 2030 123 PM", "x.ipynb"), right),
        Packed(named(Person("x", "Guest", "Auditor", 9), 397066, "Jan 7, 2030 900 AM", "x.ipynb"), wrong),
        Packed("index.html", b"<p>from the platform</p>"),
    )


def test_its_class_list_is_read_as_its_own(verb: Verb, tmp_path: Path) -> None:
    lines = [f"#{one.id},{one.id},{one.last},{one.first},{one.email},#" for one in lms.CLASS]
    head = "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator"
    done = verb("roster", "import", written(tmp_path / "class.csv", "\n".join([head, *lines, ""])))
    assert done.stdout == "Read as Brightspace grades: 8 learners, 8 new, 0 changed.\n"


@pytest.fixture
def collected(verb: Verb, tiny_built: Course, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    verb("roster", "import", written(tmp_path / "class.csv", lms.roster_csv()))
    zip_ = download(tmp_path / "brightspace.zip", tiny_built)
    return verb("collect", zip_, "01", "--time-zone", "Europe/Berlin")


def test_its_download_is_collected_with_the_times_in_it(
    collected: subprocess.CompletedProcess[str], tiny_built: Course
) -> None:
    assert "Read as Brightspace: 2 new, 2 not placed." in collected.stdout
    assert "nobody in the roster is called 'Guest Auditor'" in collected.stdout
    submitted = tiny_built.root / "submitted"
    assert sorted(path.name for path in submitted.iterdir()) == ["am12", "jo34"]
    assert timestamp_of(submitted / "am12" / LESSON) == dt.datetime(2030, 1, 7, 10, 5)
    assert timestamp_of(submitted / "jo34" / LESSON) == dt.datetime(2030, 1, 7, 12, 23)
    assert "coin_entropy = 3" in (submitted / "am12" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8")


@pytest.mark.usefixtures("collected")
def test_points_and_pages_go_back_to_it(verb: Verb, tiny_built: Course, tmp_path: Path) -> None:
    grade_course(tiny_built.root, "01", settings=Settings(Limits(), 1))
    made = tmp_path / "grades.csv"
    verb("export", "01", "--format", "brightspace", "--to", made, "--title", "01=Week 1")
    rows = {row["OrgDefinedId"]: row for row in csv.DictReader(made.open(encoding="utf-8"))}
    assert set(rows["#am12"]) == {"OrgDefinedId", "Week 1 Points Grade", "End-of-Line Indicator"}
    assert rows["#am12"]["Week 1 Points Grade"] == "0"
    assert float(rows["#jo34"]["Week 1 Points Grade"]) > 0
    assert rows["#mi33"] == {
        "OrgDefinedId": "#mi33",
        "Week 1 Points Grade": "",
        "End-of-Line Indicator": "#",
    }
    back = tmp_path / "back.zip"
    zip_ = tmp_path / "brightspace.zip"
    done = verb("feedback", "01", "--zip", "brightspace", back, "--downloaded", zip_)
    assert f"Wrote {back} (1 pages) for Brightspace." in done.stdout
    with zipfile.ZipFile(back) as archive:
        assert archive.namelist() == [named(BY_ID["jo34"], 397065, "Jan 7, 2030 123 PM", f"{LESSON}.html")]
    # Two folders of one name may be two people's, so nobody gets a page by a guess.
    assert "Anna Müller: left out, Brightspace's number for them is not known" in done.stderr


def test_nothing_else_of_the_package_was_changed(copy: Path) -> None:
    new, old = tree(copy / "autograder"), tree(PACKAGE)
    old = {name: what for name, what in old.items() if "__pycache__" not in name}
    new = {name: what for name, what in new.items() if "__pycache__" not in name}
    changed = {name for name in new if name not in old or (name != "." and new[name] != old[name])}
    assert changed - {REGISTRY.parent.as_posix()} == {
        REGISTRY.as_posix(),
        REGISTRY.with_name("brightspace.py").as_posix(),
    }


def test_no_other_module_asks_which_platform_it_is() -> None:
    """Names and keys of platforms, and their modules, stand in their own files and in the registry alone."""
    modules = {type(one).__module__ for one in registry.PLATFORMS}
    names = {word for one in registry.PLATFORMS for word in (one.key, one.name)} - {"", "csv", "named"}
    own = ("moodle", "canvas", "nbgrader", "named", "registry")
    for path in sorted((*(PACKAGE / "classroom").rglob("*.py"), *(PACKAGE / "cli").rglob("*.py"))):
        if path.parent.name == "lms" and path.stem.partition("_")[0] in own:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            said = {node.value} if isinstance(node, ast.Constant) else set()
            if isinstance(node, ast.ImportFrom):
                said = {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
            found = said & (names | modules)
            assert not found, f"{path.relative_to(PACKAGE)}:{node.lineno} names {found}"
