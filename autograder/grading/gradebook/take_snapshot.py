"""Takes a snapshot of an assignment from nbgrader's course folder and gradebook."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.errors import GradingError
from autograder.grading.assignment.notebook_json import Cell
from autograder.grading.assignment.snapshot import NotebookSnapshot, Snapshot, SourceCell, grade_id
from autograder.grading.gradebook.course_directory import Classroom

if TYPE_CHECKING:
    from nbgrader.api import Notebook


def take(classroom: Classroom, assignment: str) -> Snapshot:
    """The snapshot of an assignment that the gradebook knows (see `Classroom.register`).

    Raises GradingError where the gradebook has no such assignment or a source notebook cannot be read.
    """
    from nbgrader.api import MissingEntry
    from nbgrader.converters import Autograde
    from nbgrader.preprocessors import IgnorePattern, LimitOutput

    folder = classroom.path("source", ".", assignment)
    with classroom.gradebook() as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry as error:
            raise GradingError(f"the gradebook has no assignment {assignment}") from error
        notebooks = {one.name: _notebook(one, folder / f"{one.name}.ipynb") for one in found.notebooks}
    if not notebooks:
        raise GradingError(f"the gradebook knows no notebook of {assignment}")
    # Instances, because a configuration may hold a value that is only resolved by one (a lazy update).
    autograde = Autograde(coursedir=classroom.folders, config=classroom.config)
    limit = LimitOutput(config=classroom.config)
    ignore = IgnorePattern(config=classroom.config)
    keep = frozenset(str(Path(name)) for name in autograde.exclude_overwriting.get(assignment, ()))
    taken = Snapshot(
        assignment=assignment,
        notebooks=notebooks,
        files=_files(folder, classroom.folders.ignore, keep),
        keep=keep,
        max_lines=limit.max_lines if limit.enabled else -1,
        max_traceback=limit.max_traceback if limit.enabled else -1,
        ignore_pattern=ignore.pattern if ignore.enabled else "",
        digest="",
    )
    return replace(taken, digest=_digest(taken))


def _notebook(found: Notebook, path: Path) -> NotebookSnapshot:
    instructor = tuple(_instructor(path)) if path.exists() else ()
    order = {name: index for index, name in enumerate(map(grade_id, instructor)) if name}
    points = {cell.name: float(cell.max_score) for cell in (*found.grade_cells, *found.task_cells)}
    grades, solutions, tasks = (
        {cell.name for cell in cells} for cells in (found.grade_cells, found.solution_cells, found.task_cells)
    )
    cells = [
        SourceCell(
            name=cell.name,
            cell_type=cell.cell_type,
            locked=cell.locked,
            source=cell.source or "",
            checksum=cell.checksum,
            grade=cell.name in grades,
            solution=cell.name in solutions,
            task=cell.name in tasks,
            points=points.get(cell.name),
        )
        for cell in found.source_cells
    ]
    cells.sort(key=lambda cell: order.get(cell.name, len(order)))
    return NotebookSnapshot(found.name, found.kernelspec, tuple(cells), instructor)


def _instructor(path: Path) -> Iterable[Cell]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            kept = {key: cell[key] for key in ("id", "cell_type", "metadata") if key in cell}
            source = cell["source"]
            yield {**kept, "source": source if isinstance(source, str) else "".join(source)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradingError(f"the source notebook {path.name} cannot be read: {error}") from error


def _files(folder: Path, ignore: list[str], keep: frozenset[str]) -> dict[str, bytes]:
    from nbgrader.utils import find_all_files

    paths = sorted(Path(path) for path in find_all_files(str(folder), [*ignore, "*.ipynb"]))
    names = {str(path.relative_to(folder)): path for path in paths}
    return {name: path.read_bytes() for name, path in names.items() if name not in keep}


def _digest(taken: Snapshot) -> str:
    """Over all but the digest; the form is that of older digests, so that what is graded stays graded."""
    plain = {
        **{field.name: getattr(taken, field.name) for field in fields(taken) if field.name != "digest"},
        "notebooks": {name: asdict(one) for name, one in taken.notebooks.items()},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in taken.files.items()},
        "keep": sorted(taken.keep),
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
