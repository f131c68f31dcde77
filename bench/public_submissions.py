"""An assignment of a public course made fit for grading, and submissions of it.

What is changed in a source: the kernel's name (`python3`), nbgrader's metadata of old versions, and tests
that are worth no points (1), so that they can be compared.
"""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat

# Some courses have solution marks in cells that are not answers; nbgrader must be told to let them.
CONFIG = """c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "public"
c.Execute.timeout = 30
c.ClearSolutions.enforce_metadata = False
"""
MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION[^\n]*\n?", re.M)
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def mend(folder: Path) -> None:
    """Make the notebooks of a source folder such that this nbgrader reads them."""
    from nbgrader.nbgraderformat import MetadataValidator

    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook = MetadataValidator().upgrade_notebook_metadata(notebook)
        notebook.metadata["kernelspec"] = KERNEL
        for cell in notebook.cells:
            keys = cell.metadata.get("nbgrader", {})
            if keys.get("grade") and not keys.get("solution") and not keys.get("points"):
                keys["points"] = 1
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)


def release(root: Path, assignment: str) -> None:
    """Write root/release/<assignment>, as nbgrader does. Raises RuntimeError with its complaint."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.course_id = "public"
    config.ClearSolutions.enforce_metadata = False
    made = NbGraderAPI(config=config).generate_assignment(assignment, force=True, create=True)
    if not made["success"]:
        lines = [line for line in made["log"].splitlines() if line.strip()]
        raise RuntimeError(next((line for line in lines if "ERROR" in line), lines[-1]))


def hand_in(root: Path, assignment: str, singles: int) -> list[str]:
    """Write the submissions: the teacher's, the blank one, and some with a single blank answer.

    Args:
        root: The course, its release made.
        assignment: Its name.
        singles: How many submissions with one blank answer, spread over the assignment's answers.

    Returns:
        The students' names, the teacher first.
    """
    answers = [(path.name, name) for path, name in _answers(root / "source" / assignment)]
    step = max(1, -(-len(answers) // singles)) if singles else len(answers) + 1
    chosen = answers[step // 2 :: step] if singles else []
    everything = set(answers)
    students = {"a-teacher": everything, "b-blank": set[tuple[str, str]]()}
    students |= {f"c-without-{number}": everything - {one} for number, one in enumerate(chosen)}
    for student, given in students.items():
        _submission(root, assignment, student, given)
    return list(students)


def _answers(source: Path) -> Iterator[tuple[Path, str]]:
    """Every answer of an assignment that a test may look at: notebook and grade id."""
    for path in sorted(source.glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            keys = cell.metadata.get("nbgrader", {})
            if keys.get("solution"):
                yield path, keys["grade_id"]


def _submission(root: Path, assignment: str, student: str, given: set[tuple[str, str]]) -> None:
    """Write one submission with the answers in `given`, the release's stubs elsewhere."""
    home = root / "submitted" / student / assignment
    shutil.copytree(root / "release" / assignment, home)
    for path in home.glob("*.ipynb"):
        teachers = {
            cell.metadata.nbgrader["grade_id"]: cell.source
            for cell in nbformat.read(root / "source" / assignment / path.name, as_version=4).cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if (path.name, name) in given and name in teachers:
                cell.source = MARKS.sub("", teachers[name])
        nbformat.write(notebook, path)


def missing_modules(folder: Path) -> list[str]:
    """The modules that an assignment imports and that are neither installed nor beside it."""
    found: set[str] = set()
    for path in folder.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                found |= set(_imported(cell.source))
    beside = {path.stem for path in folder.iterdir()}
    return sorted(name for name in found - beside if not _is_installed(name))


def _imported(source: str) -> Iterator[str]:
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    try:
        tree: Any = ast.parse("\n".join(lines))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
