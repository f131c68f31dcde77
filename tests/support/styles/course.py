"""Styles as an nbgrader course: a few assignments of many notebooks, and the same students in each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.styles.corpus import needs
from tests.support.styles.notebook_text import STUDENTS, Cell, Style

CONFIG = 'c = get_config()  # noqa: F821\nc.CourseDirectory.course_id = "styles"\nc.Execute.timeout = 60\n'
MOST = 20
"""Notebooks of one assignment: each assignment is registered once, each notebook is a process or more."""
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def assignments(styles: Sequence[Style]) -> dict[str, list[Style]]:
    """Styles by assignment. Those with files beside them, or with other libraries, stand apart."""
    groups: dict[str, list[Style]] = {}
    for style in styles:
        key = style.name if style.files or style.attack_files else "-".join(needs(style)) or "plain"
        groups.setdefault(key, []).append(style)
    return {
        f"{key}-{start // MOST}": group[start : start + MOST]
        for key, group in groups.items()
        for start in range(0, len(group), MOST)
    }


def write(root: Path, styles: Sequence[Style], only: Sequence[str] = ()) -> dict[str, list[Style]]:
    """Write the course, its source and the submissions of `only` or of everybody; return its assignments."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    found = assignments(styles)
    for assignment, group in found.items():
        for style in group:
            teachers = [cell.teachers() for cell in style.cells]
            _write(root / "source" / assignment, style, notebook(style, teachers, ""), style.files)
            for student in (one for one in style.students if not only or one in only):
                home = root / "submitted" / student / assignment
                sources = [cell.of(student) for cell in style.cells]
                files = {**style.files, **(style.attack_files if student == "attack" else {})}
                _write(home, style, notebook(style, sources, student), files)
    return found


def students(root: Path, assignment: str) -> list[str]:
    """Who handed in something for an assignment, the teacher first."""
    found = {path.parent.name for path in root.glob(f"submitted/*/{assignment}")}
    return [one for one in STUDENTS if one in found] + sorted(found - set(STUDENTS))


def notebook(style: Style, sources: Sequence[str], student: str) -> dict[str, Any]:
    """A notebook of a style's cells with these sources; `student` '' is the teacher."""
    cells = list(_cells(style, sources, student))
    if student == "attack" and style.first:
        cells.sort(key=lambda cell: style.first.index(cell["id"]) if cell["id"] in style.first else 99)
    return {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def grade_ids(style: Style) -> list[str]:
    """The grade id of each cell, from top to bottom."""
    return [f"{cell.kind}-{number}" for number, cell in enumerate(style.cells)]


def _cells(style: Style, sources: Sequence[str], student: str) -> Iterator[dict[str, Any]]:
    for name, cell, source in zip(grade_ids(style), style.cells, sources, strict=True):
        if cell.kind == "own" and student != "attack":
            continue
        made: dict[str, Any] = {
            "cell_type": "markdown" if cell.kind == "text" else "code",
            "id": name,
            "metadata": {} if cell.kind in ("text", "own") else {"nbgrader": _keys(name, cell)},
            "source": source,
        }
        if cell.kind != "text":
            made.update(outputs=[], execution_count=None)
        yield made


def _keys(name: str, cell: Cell) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "grade_id": name,
        "schema_version": 3,
        "cell_type": "code",
        "task": False,
        "grade": cell.kind in ("test", "manual"),
        "solution": cell.kind in ("answer", "manual"),
        "locked": cell.kind in ("given", "test"),
    }
    if keys["grade"]:
        keys["points"] = cell.points
    return keys


def _write(folder: Path, style: Style, book: dict[str, Any], files: Mapping[str, str | bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{style.name}.ipynb").write_text(json.dumps(book), encoding="utf-8")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
