"""Rule 4: walled and shared tests, answers and given cells do not lean on each other's names.

The rules are in the docstring of `grading/trial/__init__`.

A walled test runs in another process than a shared one. So it reads no name that a shared test sets, sets
none that a shared test reads, and sets none that an answer or a given cell reads: of the teacher's notebook
for the plan, of the learner's for each submission.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.ownership import Ownership
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.reading.touched_names import Definitions, sets_of


def bound_tests(
    cells: Sequence[CodeCell], walled: Collection[str], shared: Collection[str]
) -> dict[str, Reason]:
    """The tests of `walled` that cannot be walled while those of `shared` are shared.

    The search goes on until nothing changes: each test that becomes shared may bind others.

    Args:
        cells: A notebook's cells in order, the teacher's or a learner's after repair.
        walled: Grade ids of tests that are to be walled.
        shared: Grade ids of tests that are shared.

    Returns:
        The reason by grade id.
    """
    definitions = Definitions(cells)
    tests = {cell.name: cell for cell in cells if cell.kind is Kind.TEST}
    left = {name: tests[name] for name in walled if name in tests}
    found: dict[str, Reason] = {}
    for name, test in left.items():
        reason = _read_elsewhere(test, cells, definitions)
        if reason:
            found[name] = reason
    fresh = [tests[name] for name in shared if name in tests] + [tests[name] for name in found]
    while fresh:
        other = fresh.pop()
        for name, test in left.items():
            if name not in found and test is not other:
                reason = _between(test, other, definitions)
                if reason:
                    found[name] = reason
                    fresh.append(test)
    return found


def learner_reasons(
    cells: Sequence[CodeCell],
    walled: Mapping[str, frozenset[str]],
    shared: Collection[str],
    ownership: Ownership,
) -> dict[str, Reason]:
    """The walled tests that are shared for one learner, by the text of this learner's notebook.

    Args:
        cells: The learner's cells after repair.
        walled: The tests that the plan walls, each with the names that its text and the teacher's cells
            behind it read.
        shared: Grade ids that the plan shares.
        ownership: Whose names are whose, by the teacher's notebook.

    Returns:
        The reason by grade id. Each such mark is flagged: for the teacher the wall changed nothing.
    """
    redefined = ownership.redefined(cells)
    tests = {cell.name: cell for cell in cells if cell.kind is Kind.TEST}
    found: dict[str, Reason] = {}
    for name, reads in walled.items():
        if name in tests and (used := reads & redefined.keys()):
            found[name] = Reason(Why.REDEFINED, redefined[min(used)])
    rest = [name for name in walled if name not in found]
    return {**found, **bound_tests(cells, rest, [*shared, *found])}


def _read_elsewhere(test: CodeCell, cells: Iterable[CodeCell], definitions: Definitions) -> Reason | None:
    """Whether an answer or a given cell reads what the test sets."""
    sets = sets_of(test, definitions)
    for cell in cells:
        if cell.kind is Kind.TEST or cell is test:
            continue
        # A function that was defined before the test looks a name up when it is called.
        reads = cell.code.deferred
        if cell.place > test.place:
            reads = (reads - cell.code.surely) | cell.code.needs
        both = sets & reads
        both -= _same_imports(test, cells) if both else frozenset()
        if both:
            name = min(both)
            return Reason(Why.NAMES, f"{_line(test, name)}sets {name}, which {cell.words} reads")
    return None


def _between(test: CodeCell, other: CodeCell, definitions: Definitions) -> Reason | None:
    """Whether a test that is to be walled and a shared one lean on each other's names."""
    kept = definitions.given_imports
    if other.place > test.place:  # cells run in order: what stands behind a test gives it nothing
        for name in sorted(definitions.taken_by(other) & (sets_of(test, definitions) - kept(test))):
            words = f"{_line(test, name)}sets {name}, which the shared test {other.name} reads"
            return Reason(Why.NAMES, words)
        return None
    for name in sorted(definitions.taken_by(test) & (sets_of(other, definitions) - kept(other))):
        return Reason(Why.NAMES, f"reads {name}, which the shared test {other.name} sets")
    return None


def _same_imports(test: CodeCell, cells: Iterable[CodeCell]) -> frozenset[str]:
    """Names that the test imports as another cell does: they mean the same, whoever set them."""
    own = test.code.imports.items()
    return frozenset(
        name for cell in cells if cell is not test for name, _ in own & cell.code.imports.items()
    )


def _line(test: CodeCell, name: str) -> str:
    """Words for the line where a test sets a name."""
    lines = [one.line for one in test.code.statements if name in one.bound | one.changed | one.touched]
    return f"line {lines[0]} " if lines else ""
