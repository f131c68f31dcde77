"""How one notebook is graded: which cells run behind the wall, what the tester defines by itself."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.core.python_names import names_in
from autograder.grading.execution import comparison_cells

SAME_PROCESS = "same-process"
"""The tag by which an instructor lets a grade cell run in the student's own process."""
NOT_GRADED = "not-graded"
"""The tag of cells that only illustrate: they are not run when grading."""
SHELL = frozenset("get_ipython In Out display exit quit _ __ ___ open".split())
"""Names that IPython gives: each process has its own."""


@dataclass(frozen=True)
class Names:
    """The names that a grade cell reads, and those that it sets."""

    read: tuple[str, ...]
    set: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Made once of the instructor's notebook, used for every submission.

    `prepare` are the sources that the tester runs first; `student_names` are taken from the student even
    where the instructor's cells define them, because solving the exercise sets or changes them; `classes`
    are those that the student is asked to write, each with all names that its solution cell sets.
    """

    prepare: tuple[str, ...]
    student_names: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    unwalled: frozenset[str]
    names: Mapping[str, Names]
    own: frozenset[str]
    """What the tester has by itself, and does not take from the student."""
    skipped: frozenset[str]
    """Sources of the instructor's cells that only illustrate."""
    comparing: frozenset[str] = frozenset()
    """Grade cells that only compare plain values, which one tester does for all submissions."""


def plan_of(instructor: Iterable[Mapping[str, Any]], same_process: bool = False) -> Plan:
    """The plan for the instructor's cells ({cell_type, source, metadata}), in order.

    With `same_process` no cell is walled: the students submit modules that the tests import.
    """
    prepare, skipped, graded = [], [], {}
    tests: dict[str, str] = {}
    solutions: list[str] = []
    unwalled = set()
    for cell in instructor:
        if cell["cell_type"] != "code":
            continue
        keys = cell["metadata"].get("nbgrader", {})
        tags = cell["metadata"].get("tags", ())
        if keys.get("solution"):
            solutions.append(cell["source"])
        elif keys.get("grade"):
            graded[keys["grade_id"]] = names_of(cell["source"])
            tests[keys["grade_id"]] = cell["source"]
            if same_process or SAME_PROCESS in tags:
                unwalled.add(keys["grade_id"])
        elif NOT_GRADED in tags:
            skipped.append(cell["source"].strip())
        else:
            prepare.append(cell["source"])
    names: set[str] = set()
    classes: dict[str, frozenset[str]] = {}
    imports: list[str] = []
    for source in solutions:
        try:
            tree, solved = ast.parse(source), names_in(source)
        except SyntaxError:  # magics; such names come from the student anyway, if the tester lacks them
            continue
        # Modules are the tester's own, also those that solving the exercise imports.
        changed = solved.assigned | solved.mutated
        names |= changed
        classes |= {node.name: changed for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        imports += [ast.unparse(node) for node in found]
    if imports:
        prepare.insert(0, "\n".join(dict.fromkeys(imports)))
    own = frozenset(own_names(prepare)) | frozenset(dir(builtins)) | SHELL
    return Plan(
        tuple(prepare),
        frozenset(names),
        classes,
        frozenset(unwalled),
        graded,
        own - frozenset(names),
        frozenset(skipped),
        _comparing(prepare, solutions, tests),
    )


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


def imports_of(instructor: Iterable[Mapping[str, Any]]) -> list[str]:
    """The modules that the instructor's cells import, figures apart."""
    found: dict[str, None] = {}
    for cell in instructor:
        if cell["cell_type"] != "code" or NOT_GRADED in cell["metadata"].get("tags", ()):
            continue
        try:
            tree = ast.parse("".join(cell["source"]))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return list(found)
