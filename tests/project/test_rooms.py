"""The house: which room may import which, how large a room may be, what `import autograder` costs."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder

PACKAGE = Path(autograder.__file__).parent
ROOT = PACKAGE.parent
LINT = Path(sys.executable).with_name("lint-imports")
ROOMS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))
LARGEST = 16
"""Modules in one room."""


def lint(root: Path) -> tuple[int, str]:
    """Hold the imports of the package in `root` against the contracts of its pyproject.toml."""
    command = [LINT, "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_room_imports_only_from_rooms_below_it():
    code, said = lint(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/judge.py", "def f():\n    from autograder.cli.views import grading\n", "The rooms BROKEN"),
        ("study/check.py", "from autograder.authoring.format import cells\n", "The rooms BROKEN"),
        ("hub/accounts.py", "from autograder.publishing import site\n", "The rooms BROKEN"),
        ("grading/rpc/codec.py", "import autograder.grading.dispatch.engine\n", "Inside grading BROKEN"),
        (
            "classroom/lms/canvas.py",
            "from autograder.classroom.feedback import lms_zip\n",
            "Inside classroom BROKEN",
        ),
        ("core/values.py", "from autograder.core import judge\n", "No circle between modules BROKEN"),
    ],
    ids=lambda text: text.split("\n")[0],
)
def test_a_wrong_import_is_found(tmp_path, module, line, contract):
    shutil.copytree(PACKAGE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "autograder" / module).open("a") as file:
        file.write(f"\n{line}")
    code, said = lint(tmp_path)
    assert code == 1, said
    assert contract in said


def test_a_new_room_must_be_named_in_the_contracts(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "autograder" / "grading" / "attic").mkdir()
    (tmp_path / "autograder" / "grading" / "attic" / "__init__.py").write_text('"""Old things."""\n')
    code, said = lint(tmp_path)
    assert code == 1, said
    assert "attic" in said


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_says_what_it_is_and_is_small(room):
    sign = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert sign.split("\n")[0].endswith("."), "its __init__.py begins with one sentence that says what it is"
    modules = [path for path in room.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= LARGEST, "a room of that size is two rooms"


def test_no_test_imports_another():
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in getattr(node, "names", ()) if isinstance(alias, ast.alias)]
            names.append(getattr(node, "module", None) or "")
            found = [name for name in names if name.rpartition(".")[2].startswith("test_")]
            assert not found, f"{path.relative_to(ROOT)}: what {found[0]} shares belongs into tests/support/"


def test_every_import_is_absolute():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not getattr(node, "level", 0), f"{path}: a relative import hides its room"


def test_the_picture_shows_the_rooms_as_they_are():
    command = [sys.executable, ROOT / "docs" / "dev" / "draw_rooms.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_core_does_no_io_but_in_atomic_write():
    for path in (PACKAGE / "core").rglob("*.py"):
        if path.stem == "atomic_write":
            continue
        names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
        calls = {n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
        assert not names & {"open", "print", "input"}, path
        assert not calls & {"read_text", "write_text", "read_bytes", "write_bytes", "unlink"}, path


@pytest.mark.parametrize(
    "heavy",
    ["numpy", "anywidget", "fsrs", "jupytext", "nbgrader", "nbformat", "matplotlib", "jinja2", "click"],
)
def test_importing_the_package_loads_nothing_heavy(heavy):
    code = f"import sys, autograder; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_public_names():
    assert autograder.__all__ == ["check", "hint", "progress", "review"]
    public = {name for name in vars(autograder) if not name.startswith("_")}
    assert public - {room.name for room in ROOMS} == set(autograder.__all__)


def test_names_that_handed_out_notebooks_import_stay():
    code = """
from autograder import check, hint, progress, review
from autograder.core.values import same
from autograder.study.figures import BLACK, BLUE, GOLD, GREEN, GREY, ORANGE, PINK, SKY
from autograder.study.figures import choice, explore, slider
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
