"""Where a shared test may run: in a savepoint that is dropped afterwards, or in the process itself.

In nbgrader a test may leave something behind that a later cell needs: a name, a changed object, a seeded
generator, a file, a figure. Such a test runs in the process itself. All others run in a savepoint, so that
nothing after them knows what they hold.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from enum import StrEnum

from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.imports import targets_of
from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.reaching_names import ATTRIBUTES, SHELL, reaches
from autograder.grading.trial.reading.reaching_stores import BUILTIN_NAMES
from autograder.grading.trial.reading.touched_names import Definitions


class State(StrEnum):
    """What belongs to a process and is no name of the notebook."""

    RANDOM = "the random generators"
    FILES = "files"
    FIGURES = "the current figure"
    PROCESS = "the process"


def in_process(cells: Sequence[CodeCell], shared: Collection[str]) -> dict[str, str]:
    """The shared tests that must run in the process itself, with the reason in words.

    Args:
        cells: The cells of one submission after repair, in order.
        shared: Grade ids of its shared tests.

    Returns:
        The reason by grade id. A test that is not in it may run in a savepoint.
    """
    definitions = Definitions(cells)
    imports = targets_of(parsed(cell.source).tree for cell in cells)
    states = [_states(cell, definitions, imports) for cell in cells]
    reads = [definitions.reads_of(cell) for cell in cells]
    found: dict[str, str] = {}
    for index, test in enumerate(cells):
        if test.kind is not Kind.TEST or test.name not in shared:
            continue
        effects = definitions.effects_of(test)
        for later in range(index + 1, len(cells)):
            both = (effects & reads[later]) | _shell_names(reads[later])
            left = _left_behind(states[index], states[later])
            if both or left:
                what = min(both) if both else left
                found[test.name] = f"{cells[later].words} uses {what}, which the test may change"
                break
    return found


def _shell_names(reads: frozenset[str]) -> frozenset[str]:
    """In, Out and _: every test that is run in the process itself adds to them."""
    return frozenset(name for name in reads if SHELL.fullmatch(name))


def _left_behind(before: frozenset[State], after: frozenset[State]) -> str:
    if State.PROCESS in before:
        return str(State.PROCESS)
    both = sorted(before & after)
    return str(both[0]) if both else ""


def _states(cell: CodeCell, definitions: Definitions, imports: dict[str, str]) -> frozenset[State]:
    """What of the process a cell uses, by its own text and that of the functions that it calls."""
    tree = parsed(cell.source).tree
    if tree is None:
        return frozenset()
    nodes: list[ast.AST] = [tree]
    nodes += [one.node for one in definitions.reached(cell.code.needs | cell.code.deferred)]
    found: set[State] = set()
    for node in nodes:
        for one in ast.walk(node):
            found |= _state(one, imports)
    for statement in cell.code.statements:
        if statement.bound & BUILTIN_NAMES:
            found.add(State.PROCESS)
    return frozenset(found)


def _state(node: ast.AST, imports: dict[str, str]) -> set[State]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
        return {State.FILES}
    if not isinstance(node, ast.Attribute | ast.Name):
        return set()
    first, dot, rest = ast.unparse(node).partition(".") if _is_chain(node) else ("", "", "")
    dotted = imports.get(first, "") + dot + rest
    said = reaches(dotted) if first in imports else ""
    if isinstance(node, ast.Attribute):
        said = said or ATTRIBUTES.get(node.attr, "")
        if not isinstance(node.ctx, ast.Load) and first in imports:
            return {State.PROCESS}  # a module is patched; whether it is put back is not asked
    if dotted.startswith(("random.", "numpy.random.")) or "random" in said:
        return {State.RANDOM}
    if dotted.startswith("matplotlib.pyplot."):
        return {State.FIGURES}
    if "files" in said:
        return {State.FILES}
    return {State.PROCESS} if said and "text of functions" not in said and "time" not in said else set()


def _is_chain(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)
