"""How one notebook is graded: which cells run in which process, and what the tester defines by itself."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, cast

from autograder.core.cell_tags import NOT_GRADED, SAME_PROCESS
from autograder.core.python_names import names_in
from autograder.grading.execution import comparison_cells
from autograder.grading.trial.reading.notebook_cells import code_cells
from autograder.grading.trial.reading.ownership import ownership_of

SHELL = frozenset("get_ipython In Out display exit quit _ __ ___ open".split())
"""Names that IPython gives: each process has its own."""


NotebookCell = Mapping[str, object]
"""A cell as nbformat has it: "cell_type", "source" (a text or its lines) and "metadata"."""


class CellMetadata(TypedDict, total=False):
    """What is used here of a cell's metadata."""

    nbgrader: Mapping[str, object]
    tags: Sequence[str]


@dataclass(frozen=True)
class Names:
    """The names that a grade cell reads, and those that it sets."""

    read: tuple[str, ...]
    set: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Made once of the instructor's notebook, used for every submission.

    `prepare` are the sources that the tester runs first; `student_names` are taken from the student even
    where the instructor's cells define them, because solving the exercise sets or changes them at module
    scope (a local variable `sum` gives nobody the `sum` of the tests); `classes` are those that the student
    is asked to write, each with all names that its solution cell sets.
    """

    prepare: tuple[str, ...]
    student_names: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    same_process: frozenset[str]
    """The grade ids of cells that run in the student's own process."""
    names: Mapping[str, Names]
    own: frozenset[str]
    """What the tester has by itself, and does not take from the student."""
    skipped: frozenset[str]
    """Sources of the instructor's cells that only illustrate."""
    comparing: frozenset[str] = frozenset()
    """Grade cells that only compare plain values, which one tester does for all submissions."""


def plan_of(instructor: Iterable[NotebookCell], same_process: bool = False) -> Plan:
    """Return the plan for the instructor's cells ({cell_type, source, metadata}), in order.

    With `same_process` no grade cell is isolated: the students submit modules that the tests import.
    """
    cells = _sorted_cells(instructor)
    student_names = ownership_of(code_cells(cells.raw)).student
    classes, imports = _solved(cells.solutions)
    prepare = cells.given
    if imports:
        prepare = ["\n".join(dict.fromkeys(imports)), *prepare]
    own = frozenset(own_names(prepare)) | frozenset(dir(builtins)) | SHELL
    return Plan(
        prepare=tuple(prepare),
        student_names=student_names,
        classes=classes,
        same_process=frozenset(cells.tests) if same_process else frozenset(cells.same_process),
        names={grade_id: names_of(source) for grade_id, source in cells.tests.items()},
        own=own - student_names,
        skipped=frozenset(cells.skipped),
        comparing=_comparing(prepare, cells.solutions, cells.tests),
    )


@dataclass
class _Cells:
    """The sources of the instructor's code cells, by what they are for, and all of them as they are."""

    raw: list[NotebookCell] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    solutions: list[str] = field(default_factory=list)
    tests: dict[str, str] = field(default_factory=dict)  # by grade id
    same_process: set[str] = field(default_factory=set)  # the grade ids with the tag
    skipped: list[str] = field(default_factory=list)


def _sorted_cells(instructor: Iterable[NotebookCell]) -> _Cells:
    cells = _Cells()
    for cell in instructor:
        if cell["cell_type"] != "code":
            continue
        source, metadata = source_of(cell), _metadata_of(cell)
        cells.raw.append({**cell, "source": source})
        keys = metadata.get("nbgrader", {})
        tags = metadata.get("tags", ())
        if keys.get("solution"):
            cells.solutions.append(source)
        elif keys.get("grade"):
            grade_id = str(keys["grade_id"])
            cells.tests[grade_id] = source
            if SAME_PROCESS in tags:
                cells.same_process.add(grade_id)
        elif NOT_GRADED in tags:
            cells.skipped.append(source.strip())
        else:
            cells.given.append(source)
    return cells


def _solved(solutions: Iterable[str]) -> tuple[dict[str, frozenset[str]], list[str]]:
    """Return the classes that solving defines (see `Plan.classes`), and what it imports."""
    classes: dict[str, frozenset[str]] = {}
    imports: list[str] = []
    for source in solutions:
        try:
            tree, solved = ast.parse(source), names_in(source)
        except SyntaxError:  # magics; such names come from the student anyway, if the tester lacks them
            continue
        changed = solved.assigned | solved.mutated
        classes |= {node.name: changed for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        # Modules are the tester's own, also those that solving the exercise imports.
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        imports += [ast.unparse(node) for node in found]
    return classes, imports


def _comparing(prepare: Sequence[str], solutions: Sequence[str], tests: Mapping[str, str]) -> frozenset[str]:
    """The grade ids whose cells only compare, and need nothing that another grade cell made."""
    known: dict[str, tuple[str, str]] = {}
    for source in prepare:
        known |= comparison_cells.imported(source) or {}
    try:
        sources = [names_in(source) for source in (*prepare, *solutions)]
    except SyntaxError:  # magics may do anything
        return frozenset()
    defined = frozenset(name for names in sources for name in names.assigned | names.mutated)
    made = {grade: set(names_of(source).set) for grade, source in tests.items()}
    found = set()
    for grade, source in tests.items():
        others = set().union(*(names for other, names in made.items() if other != grade)) - set(known)
        # An import of its own gives the cell the name again, whatever another cell did with it.
        needs = set(names_of(source).read) & others - set(comparison_cells.imported(source) or {})
        if not needs and comparison_cells.only_compares(source, known, defined):
            found.add(grade)
    return frozenset(found)


def own_names(cells: Iterable[str]) -> set[str]:
    """The names that the instructor's cells define without the student's work, by their text.

    A cell that reads a name that nobody before it defined needs the student: what it sets is not counted.
    """
    known = set(dir(builtins)) | SHELL
    found: set[str] = set()
    for source in cells:
        for statement in statements(source):
            names = names_of(statement)
            if set(names.read) <= known | set(names.set):
                known |= set(names.set)
                found |= set(names.set)
    return found


def statements(source: str) -> list[str]:
    """The top-level statements of a cell; the cell itself where IPython's magics are in it."""
    try:
        return [ast.unparse(node) for node in ast.parse(source).body]
    except SyntaxError:
        return [source]


def names_of(source: str) -> Names:
    """The names in a grade cell. IPython's magics are put into plain Python first."""
    hidden: set[str] = set()
    try:
        found = names_in(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        # A magic holds its code as text, so every word of the cell may be a name.
        hidden = set(re.findall(r"[^\W\d]\w*", source))
        try:
            found = names_in(TransformerManager().transform_cell(source))
        except SyntaxError:
            return Names((), ())
    return Names(tuple(sorted(found.read | hidden)), tuple(sorted(found.bound)))


def imports_of(instructor: Iterable[NotebookCell]) -> list[str]:
    """The modules that the instructor's cells import, figures apart."""
    found: dict[str, None] = {}
    for cell in instructor:
        if cell["cell_type"] != "code" or NOT_GRADED in _metadata_of(cell).get("tags", ()):
            continue
        try:
            tree = ast.parse(source_of(cell))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return list(found)


def source_of(cell: NotebookCell) -> str:
    """Return a cell's text, which a file may hold as lines."""
    return "".join(cast("str | Sequence[str]", cell["source"]))


def _metadata_of(cell: NotebookCell) -> CellMetadata:
    return cast(CellMetadata, cell["metadata"])
