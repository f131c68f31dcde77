"""A role is a file and a row: everybody who asks for roles asks the table, and knows a new one at once."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from autograder.authoring.roles import registry
from tests.support.lesson_edits import line_of

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "support" / "tiny_course"
PACKAGE = Path(autograder.__file__).parent
ROOM = Path(registry.__file__).parent

REMARK = '''"""A remark in a box."""

from autograder.core.errors import LessonError


def parse(cell, parts):
    """Raise LessonError where the remark has no name."""
    if not cell.source.startswith("**"):
        raise LessonError(cell.problem("a remark without a name", "Begin it with **its name**."))


def emit(cell, notebook):
    """The remark as a quotation."""
    lines = (f"> {line}".rstrip() for line in cell.source.splitlines())
    notebook.markdown(notebook.numbered("remark"), "\\n".join(lines))
'''
REMARK_ROW = 'LessonRole("remark", ("markdown",), ("color",), parse=remark.parse, emit=remark.emit),'
REFLECTION = '''"""A question to think about once the exercise is done."""

from autograder.core.errors import LessonError


def parse(cell, parts):
    """Raise LessonError where nothing is asked."""
    if not cell.source.endswith("?"):
        raise LessonError(cell.problem("a reflection that asks nothing", "End it with a question.", 0))


def emit(exercise, cells, notebook):
    """All questions in one cell."""
    notebook.markdown(f"{exercise}-reflection", "*Think about it.* " + " ".join(c.source for c in cells))
'''
REFLECTION_ROW = (
    'ExerciseRole("reflection", ("markdown",), single=True, folded="is asked below the check",'
    " parse=reflection.parse, emit=reflection.emit),"
)
LESSON = (
    (
        '+++ {"role": "recall"}\n',
        '+++ {"color": "blue", "role": "remark"}\n\n**Sign.** Entropy is never negative.\n\n'
        '+++ {"role": "recall"}\n',
    ),
    (
        '+++ {"id": "coin-sides"',
        '+++ {"role": "reflection"}\n\nWhat would a third side change?\n\n+++ {"id": "coin-sides"',
    ),
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package that has two roles more, each a file and a row."""
    root = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE, root / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    room = root / "autograder" / ROOM.relative_to(PACKAGE)
    (room / "remark.py").write_text(REMARK, encoding="utf-8")
    (room / "reflection.py").write_text(REFLECTION, encoding="utf-8")
    table = room / "registry.py"
    source = table.read_text(encoding="utf-8")
    for old, new in (
        ("import cards,", "import reflection, remark, cards,"),
        ("LESSON_ROLES = (\n", f"LESSON_ROLES = (\n    {REMARK_ROW}\n"),
        ("EXERCISE_ROLES = (\n", f"EXERCISE_ROLES = (\n    {REFLECTION_ROW}\n"),
    ):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    table.write_text(source, encoding="utf-8")
    return root


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The tiny course with a cell of each of the new roles."""
    shutil.copytree(TINY, tmp_path / "course", ignore=shutil.ignore_patterns("source", "release", ".*"))
    edit(tmp_path / "course", *LESSON)
    return tmp_path / "course"


def edit(course: Path, *edits: tuple[str, str]) -> str:
    """Edit the course's lesson: in each (old, new) the one `old` becomes `new`. Returns the new text."""
    path = course / "lessons" / "01-coins.md"
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, f"the edit does not fit the lesson: {old!r}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return text


def autograder_of(package: Path, course: Path, verb: str, *arguments: str) -> tuple[int, str]:
    """The exit code of a verb of that package in the course, and what it says."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "autograder", verb, *arguments],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(package), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_new_roles_are_built_and_keep_every_promise(package: Path, course: Path) -> None:
    code, said = autograder_of(package, course, "build")
    assert code == 0, said
    code, said = autograder_of(package, course, "verify")
    assert code == 0, said
    release = course / "release" / "01-coins" / "01-coins.ipynb"
    cells = json.loads(release.read_text(encoding="utf-8"))["cells"]
    shown = {cell["id"]: "".join(cell["source"]) for cell in cells}
    assert shown["01-remark-1"] == "> **Sign.** Entropy is never negative."
    assert shown["01-coin-entropy-reflection"] == "*Think about it.* What would a third side change?"
    order = list(shown)
    assert order.index("01-coin-entropy-check") < order.index("01-coin-entropy-reflection")
    assert order.index("01-coin-entropy-reflection") < order.index("01-coin-sides-prompt")


def test_new_roles_survive_format(package: Path, course: Path) -> None:
    code, said = autograder_of(package, course, "format", "--check")
    assert code == 0, said
    path = course / "lessons" / "01-coins.md"
    tidy = path.read_text(encoding="utf-8")
    edit(course, ('{"color": "blue", "role": "remark"}', '{"role":"remark",   "color": "blue"}'))
    assert autograder_of(package, course, "format", "--check")[0] == 1
    assert autograder_of(package, course, "format")[0] == 0
    assert path.read_text(encoding="utf-8") == tidy


@pytest.mark.parametrize(
    ("edits", "at", "says", "remedy"),
    [
        ([("**Sign.** ", "")], "Entropy is never negative.", "a remark without a name", "Begin it with **"),
        (
            [("third side change?", "third side change.")],
            "What would a third side change.",
            "a reflection that asks nothing",
            "End it with a question.",
        ),
        (
            [("What would a third side change?", "### Later\n\nWhat would a third side change?")],
            "### Later",
            "the heading 'Later' is inside a 'reflection' cell, which is asked below the check",
            "Put a line +++ before the heading",
        ),
        (
            [('{"color": "blue",', '{"colour": "blue",')],
            "**Sign.** Entropy is never negative.",
            "unknown key 'colour' on a cell with role 'remark'",
            "Did you mean 'color'?",
        ),
        (
            [("side change?\n", 'side change?\n\n+++ {"role": "reflection"}\n\nAnd a fourth?\n')],
            "And a fourth?",
            "a second reflection cell in 'coin-entropy'",
            "Join the two into one.",
        ),
        (
            [('{"color": "blue", "role": "remark"}', '{"role": "reflection"}')],
            "**Sign.** Entropy is never negative.",
            "a 'reflection' cell outside an exercise",
            "Put it after its prompt",
        ),
        (
            [('"role": "remark"}', '"role": "remrk"}')],
            "**Sign.** Entropy is never negative.",
            "unknown role 'remrk'",
            "Did you mean 'remark'?",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_new_role_is_refused_with_line_and_remedy(
    package: Path, course: Path, edits: list[tuple[str, str]], at: str, says: str, remedy: str
) -> None:
    text = edit(course, *edits)
    code, said = autograder_of(package, course, "build")
    assert code == 1
    assert f"01-coins.md:{line_of(text, at)}: {says}\n    {remedy}" in said
    assert not (course / "release").exists()


def test_nobody_asks_for_a_role_by_its_name() -> None:
    for path in sorted((PACKAGE / "authoring").rglob("*.py")):
        if path.is_relative_to(ROOM):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Compare):
                parts = list(ast.walk(node))
                asks = any(isinstance(part, ast.Attribute) and part.attr == "role" for part in parts)
                by_name = any(isinstance(part, ast.Constant) for part in parts)
                assert not (asks and by_name), f"{where}: ask the role's row"
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                words = {item.value for item in node.elts if isinstance(item, ast.Constant)}
                assert len(words & set(registry.ROLES)) < 2, f"{where}: make it a flag in the role's row"
