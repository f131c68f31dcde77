"""The set-up cell: silent in the course, one true line elsewhere, and in Colab it fetches the course.

Each case runs the cell in a Python of its own, with a folder in front of the path that holds what is planted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.authoring.building import setup_cell
from autograder.authoring.building.build import build
from autograder.core.distribution import DISTRIBUTION, WHEEL_STEM
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course

NAME = "01-coins"
ROOT = Path(__file__).resolve().parents[3]
REPOSITORIES = pytest.mark.parametrize("repository", ["", "owner/name"])
REMOVE = f"%pip uninstall --yes {DISTRIBUTION}"
MISSING = "import sys\nsys.modules['autograder'] = None\n"
"""`import autograder` fails as where it is not installed."""


def said(place: Path, *, repository: str = "", before: str = "", after: str = "", **variables: str) -> str:
    """What the cell prints in the folder `desk` beside what is planted in `place`; it must not fail."""
    desk = place / "desk"
    desk.mkdir(exist_ok=True)
    code = f"{before}\n{setup_cell.source(NAME, repository)}\n{after}"
    environment = {key: value for key, value in os.environ.items() if key != "COLAB_RELEASE_TAG"}
    environment |= {"PYTHONPATH": os.pathsep.join([str(place), str(ROOT)]), **variables}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def plant(place: Path, distribution: str = "", source: str = "grade = 1\n") -> Path:
    """A package `autograder` of somebody else; with a name of a distribution, installed by pip."""
    folder = place / "autograder"
    folder.mkdir()
    (folder / "__init__.py").write_text(source)
    if distribution:
        about = place / f"{distribution.replace('-', '_')}-3.7.7.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 3.7.7\n")
        (about / "RECORD").write_text("autograder/__init__.py,,\n")
    return folder


def one_line(printed: str, *words: str) -> None:
    assert printed.count("\n") == 1, printed
    for word in words:
        assert word in printed
    assert "pip install autograder" not in printed


@REPOSITORIES
def test_it_says_nothing_in_the_course_and_imports_what_a_learner_calls(
    repository: str, tmp_path: Path
) -> None:
    after = "print(*(one.__module__ for one in (check, hint, progress, review)))"
    modules = said(tmp_path, repository=repository, after=after).split()
    assert [name.split(".")[:2] for name in modules] == [["autograder", "study"]] * 4


@REPOSITORIES
def test_where_the_package_is_missing(repository: str, tmp_path: Path) -> None:
    where = "%pip install git+https://github.com/owner/name" if repository else "README"
    one_line(said(tmp_path, repository=repository, before=MISSING), "missing", "Select Kernel", where)


def test_beside_a_wheel_it_names_the_wheel(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / f"{WHEEL_STEM}-0.1.0-py3-none-any.whl").touch()
    line = f"%pip install ./{WHEEL_STEM}-0.1.0-py3-none-any.whl"
    one_line(said(tmp_path, before=MISSING), "missing", line)
    plant(tmp_path, "autograder")
    one_line(said(tmp_path), "not the course's: pip installed it as autograder.", line)


def test_in_a_clone_of_the_repository_it_installs_that(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    study = tmp_path.parent / "autograder" / "study"  # two folders above the desk
    study.mkdir(parents=True, exist_ok=True)
    (study / "check.py").touch()
    one_line(said(tmp_path, before=MISSING), "%pip install -e ../..")


@REPOSITORIES
@pytest.mark.parametrize(
    "source", ["grade = 1\n", "check = 1\n", "raise RuntimeError('too old')\n", "import no_such_library\n"]
)
def test_a_stranger_that_pip_installed_is_named(repository: str, source: str, tmp_path: Path) -> None:
    plant(tmp_path, "some-grader", source)
    printed = said(tmp_path, repository=repository)
    one_line(
        printed,
        "not the course's: pip installed it as some-grader.",
        "%pip uninstall --yes some-grader",
        "restart",
    )


def test_a_stranger_that_pip_does_not_know_is_named_by_its_place(tmp_path: Path) -> None:
    folder = plant(tmp_path)
    one_line(said(tmp_path), "an unknown package", str(folder / "__init__.py"), "Rename or move", REMOVE)


def test_what_was_left_of_a_package_is_named_by_its_place(tmp_path: Path) -> None:
    """pip, removing a stranger, takes what both had: a folder without its __init__ stays."""
    folder = plant(tmp_path)
    (folder / "__init__.py").unlink()
    before = (
        "import os, sys\nsys.path = [p for p in sys.path if not os.path.exists(p + '/autograder/study')]\n"
    )
    one_line(said(tmp_path, before=before), "an unknown package", str(folder), REMOVE)


def test_a_library_that_is_missing_is_named(tmp_path: Path) -> None:
    before = "import sys\nsys.modules['dataclasses'] = None\n"
    one_line(said(tmp_path, before=before), "needs dataclasses, which is missing", REMOVE)


def test_in_colab_it_fetches_the_public_course(tmp_path: Path) -> None:
    course = tmp_path / "desk" / "course" / "release" / NAME
    before = (
        f"{MISSING}import subprocess, os\nos.makedirs({str(course)!r})\n"
        "subprocess.run = lambda command, **_: print(*command)\n"
    )
    after = "print(os.getcwd(), check.__module__)"
    printed = said(
        tmp_path, repository="owner/name", before=before, after=after, COLAB_RELEASE_TAG="release"
    ).splitlines()
    assert printed == [
        "git clone --quiet --depth=1 https://github.com/owner/name course",
        f"{sys.executable} -m pip install --quiet ./course",
        f"{course} autograder.study.check",
    ]


def test_it_stands_before_the_first_code_cell_and_is_not_graded(tiny: Course) -> None:
    table = tiny.root / "lessons" / "course.toml"
    table.write_text(table.read_text().replace('title = "A', 'repository = "owner/name"\ntitle = "A', 1))
    course = courses.read(tiny.root)
    build(course, course.lessons)
    notebook = nbformat.read(tiny.root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.id == "01-setup" and "not-graded" in first.metadata.tags
    assert "https://github.com/owner/name" in first.source
