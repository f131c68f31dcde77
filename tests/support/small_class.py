"""A small nbgrader course with everything that grading has to know about, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "small"
c.LateSubmissionPlugin.penalty_method = "zero"
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "harmless"
c.LimitOutput.max_lines = 30
c.LimitOutput.max_traceback = 6
c.Autograde.exclude_overwriting = {"work": ["mine.py"]}
"""
NAME = "work"


def keys(name: str, grade=False, solution=False, locked=False, task=False, points=None) -> dict[str, Any]:
    """The metadata of a cell that nbgrader knows."""
    found: dict[str, Any] = {"grade_id": name, "schema_version": 3, "task": task}
    found.update(grade=grade, solution=solution, locked=locked)
    if points is not None:
        found["points"] = points
    return {"nbgrader": found}


def code(name: str, source: str, **flags: Any) -> Any:
    return new_code_cell(source, id=name, metadata=keys(name, **flags))


def text(name: str, source: str, **flags: Any) -> Any:
    return new_markdown_cell(source, id=name, metadata=keys(name, **flags))


def answer(name: str, solution: str) -> Any:
    source = f"{name} = ...\n### BEGIN SOLUTION\n{name} = {solution}\n### END SOLUTION"
    return code(f"{name}-answer", source, solution=True)


def check(name: str, source: str, points: float, hidden: str = "") -> Any:
    if hidden:
        source += f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return code(name, source, grade=True, locked=True, points=points)


def first() -> Any:
    cells = [
        new_markdown_cell("# One", id="title"),
        code("given", "import sys\nbase = 2", locked=True),
        new_markdown_cell("What is two and two?", id="a-prompt"),
        answer("a", "4"),
        check("a", "assert a is not ...", 2, hidden="assert a == base + 2"),
        new_markdown_cell("And half of it?", id="b-prompt"),
        answer("b", "2"),
        check("b", "1.5 if b == 1 else 3.0 if b == 2 else 0.0", 3),
        new_markdown_cell("And your file?", id="c-prompt"),
        answer("c", "__import__('mine').value"),
        check("c", "print('checking', file=sys.stderr) if c == 'harmless' else None\nassert c == 5", 1),
        text("essay", "Your words here.", grade=True, solution=True, points=4),
        text("chore", "Draw something below.", task=True, locked=True, points=5),
        code("program", "# write a program", grade=True, solution=True, points=2),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def second() -> Any:
    cells = [
        answer("d", "open('data.csv').read().strip()"),
        check("d", "assert d == '1,2,3'", 2),
        check("same", "'a displayed string'", 1),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def write_course(root: Path) -> None:
    """The course's configuration and source/."""
    source = root / "source" / NAME
    (source / "sub").mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(first(), source / "one.ipynb")
    nbformat.write(second(), source / "two.ipynb")
    (source / "data.csv").write_text("1,2,3\n")
    (source / "sub" / "more.txt").write_text("more\n")
    (source / "mine.py").write_text("value = 0\n")
    (source / "junk.pyc").write_text("junk")


def hand_in(
    root: Path,
    student: str,
    released: Path,
    answers: dict[str, str],
    names: tuple[str, ...] = ("one", "two"),
    stamp: str = "",
    files: dict[str, str] | None = None,
) -> None:
    """What a student hands in: the released notebooks with sources of cells, by id, replaced."""
    folder = root / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        notebook = nbformat.read(released / f"{name}.ipynb", 4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        nbformat.write(notebook, folder / f"{name}.ipynb")
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)
    for path, content in (files or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
