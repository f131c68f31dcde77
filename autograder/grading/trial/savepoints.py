"""Where a shared test may run: in a savepoint that is dropped afterwards, or in the process itself.

In nbgrader a test may leave something behind that a later cell needs: a name, a changed object, a seeded
generator, a file, a figure. Such a test runs in the process itself. All others run in a savepoint, so that
nothing after them knows what they hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

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
    if not any(cell.name in shared for cell in cells if cell.kind is Kind.TEST):
        return {}
    definitions = Definitions(cells)
    imports = {name: target for cell in cells for name, target in cell.code.imports.items()}
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


def _states(cell: CodeCell, definitions: Definitions, imports: Mapping[str, str]) -> frozenset[State]:
    """What of the process a cell uses, by its own text and that of the functions that it calls."""
    called = definitions.reached(cell.code.needs | cell.code.deferred)
    chains = frozenset().union(*(one.chains for one in (*cell.code.statements, *called)))
    found = {state for chain, stored in chains if (state := _state(chain, stored, imports))}
    if cell.code.sets & BUILTIN_NAMES:
        found.add(State.PROCESS)
    return frozenset(found)


def _state(chain: str, stored: bool, imports: Mapping[str, str]) -> State | None:
    """What of the process a dotted name stands for."""
    first, dot, rest = chain.partition(".")
    if chain == "open":
        return State.FILES
    known = first in imports
    if known and dot and stored:  # a module is patched; whether it is put back is not asked
        return State.PROCESS
    dotted = imports[first] + dot + rest if known else ""
    attributes = [said for one in rest.split(".") if (said := ATTRIBUTES.get(one, ""))]
    said = reaches(dotted) or (attributes[0] if attributes else "")
    if dotted.startswith(("random.", "numpy.random.")) or "random" in said:
        return State.RANDOM
    if dotted.startswith("matplotlib.pyplot."):
        return State.FIGURES
    if "files" in said:
        return State.FILES
    harmless = not said or "text of functions" in said or "time" in said
    return None if harmless else State.PROCESS
