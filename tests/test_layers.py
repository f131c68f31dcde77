"""core <- rendering <- study, authoring, grading <- classroom <- cli: no arrow to the right."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograder

PACKAGE = Path(autograder.__file__).parent
ROOMS = ("core", "rendering", ("study", "authoring", "grading"), "classroom", "cli", "__main__")
RANK = {
    room: rank for rank, rooms in enumerate(ROOMS) for room in ([rooms] if isinstance(rooms, str) else rooms)
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer_of(module: str) -> str:
    """The layer of a dotted module name: autograder.core.judge -> core."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports_of(path: Path) -> list[str]:
    """Every autograder module that a file imports, also inside functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its layer"
            # `from autograder.core import catalog` may name a module or a thing in one
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in found if name.split(".")[0] == "autograder" and "." in name]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_left(path):
    own = layer_of(".".join(["autograder", *path.relative_to(PACKAGE).with_suffix("").parts]))
    for name in imports_of(path):
        other = layer_of(name)
        if own == "__init__":
            assert other == "study", f"autograder/__init__.py imports {name}"
        elif other != own:
            assert RANK[other] < RANK[own], f"{path} ({own}) imports {name} ({other})"


def test_the_rule_sees_a_wrong_arrow(tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("def f():\n    from autograder.classroom.table import show\n")
    assert imports_of(wrong) == ["autograder.classroom.table.show"]
    assert not RANK[layer_of("autograder.classroom.table.show")] < RANK["core"]


def test_core_does_no_io_but_in_catalog_and_files():
    for path in (PACKAGE / "core").glob("*.py"):
        if path.stem in ("catalog", "files"):
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
    assert public - {"study", "core", "rendering", "authoring", "grading", "classroom", "cli"} == set(
        autograder.__all__
    )
