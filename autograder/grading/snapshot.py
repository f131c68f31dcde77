"""All of an assignment that grading a submission needs, taken once: no worker asks the database.

A snapshot is plain data. It can be pickled, sent to another machine and compared by its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.core.errors import GradingError
from autograder.grading.stock import Classroom


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader knows by its grade id.

    `source` is the full text of a locked cell, hidden tests included, and the stub of a solution cell.
    `locked` cells get their source back when graded. `points` is None where there is nothing to earn.
    """

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None
    grade: bool
    solution: bool
    task: bool
    points: float | None


@dataclass(frozen=True)
class NotebookSnapshot:
    """One notebook of the assignment.

    `kernelspec` is JSON. `cells` are nbgrader's, in the order of the source notebook. `instructor` is every
    cell of the source notebook, solutions and hidden tests included, as a dictionary with "cell_type",
    "source", "metadata" and, where the notebook's format has them, "id".
    """

    name: str
    kernelspec: str | None
    cells: tuple[SourceCell, ...]
    instructor: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Snapshot:
    """The assignment as its source and nbgrader's configuration are now.

    `files` stand beside the source notebooks (relative path, content) and overwrite the student's. Those of
    `keep` (nbgrader's exclude_overwriting) are not among them: the student's version stays.
    `max_lines` and `max_traceback` are lines, -1 for no limit; `ignore_pattern` is '' where it is off.
    `digest` is a hash of all of that, in hexadecimal digits.
    """

    assignment: str
    notebooks: Mapping[str, NotebookSnapshot]
    files: Mapping[str, bytes]
    keep: frozenset[str]
    max_lines: int
    max_traceback: int
    ignore_pattern: str
    digest: str


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
    parts: dict[str, Any] = {
        "assignment": assignment,
        "notebooks": notebooks,
        "files": _files(folder, classroom.folders.ignore, keep),
        "keep": keep,
        "max_lines": limit.max_lines if limit.enabled else -1,
        "max_traceback": limit.max_traceback if limit.enabled else -1,
        "ignore_pattern": ignore.pattern if ignore.enabled else "",
    }
    return Snapshot(**parts, digest=_digest(parts))


def _notebook(found: Any, path: Path) -> NotebookSnapshot:
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


def _instructor(path: Path) -> Iterable[dict[str, Any]]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            kept = {key: cell[key] for key in ("id", "cell_type", "metadata") if key in cell}
            source = cell["source"]
            yield {**kept, "source": source if isinstance(source, str) else "".join(source)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradingError(f"the source notebook {path.name} cannot be read: {error}") from error


def grade_id(cell: Mapping[str, Any]) -> str | None:
    """The grade id that a cell of a notebook claims to have."""
    metadata = cell.get("metadata")
    keys = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    name = keys.get("grade_id") if isinstance(keys, Mapping) else None
    return name if isinstance(name, str) and name else None


def _files(folder: Path, ignore: list[str], keep: frozenset[str]) -> dict[str, bytes]:
    from nbgrader.utils import find_all_files

    paths = sorted(Path(path) for path in find_all_files(str(folder), [*ignore, "*.ipynb"]))
    names = {str(path.relative_to(folder)): path for path in paths}
    return {name: path.read_bytes() for name, path in names.items() if name not in keep}


def _digest(parts: dict[str, Any]) -> str:
    plain = {
        **parts,
        "notebooks": {name: asdict(one) for name, one in parts["notebooks"].items()},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in parts["files"].items()},
        "keep": sorted(parts["keep"]),
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
