"""Which names a cell reads and sets when it runs, with those of the functions that it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.statements import Statement

LOOKERS = frozenset("globals locals vars dir eval exec".split())
"""Functions that look names up by a text: a cell that calls one may read every name of the notebook."""


class Definitions:
    """What of a notebook gives each name its value, so that a call is known by its function's text."""

    def __init__(self, cells: Sequence[CodeCell]):
        self._statements: dict[str, list[Statement]] = {}
        self._constant: set[str] = set()  # imported or defined: no method of theirs changes them
        everything = [one for cell in cells for one in cell.code.statements]
        for one in everything:
            for name in one.bound | one.changed | one.touched:
                self._statements.setdefault(name, []).append(one)
        self._every = frozenset(name for one in everything for name in one.bound)
        data = {name for one in everything if not one.defines for name in one.bound}
        self._constant = {name for one in everything if one.defines for name in one.bound} - data
        self._changing = {name for one in everything if one.changes_arguments for name in one.bound}
        handing = [one for one in everything if one.hands_on]
        before = -1
        while len(self._changing) != before:  # a function that hands its argument on to one that changes it
            before = len(self._changing)
            self._changing |= {name for one in handing if one.hands_on & self._changing for name in one.bound}
        given = [cell for cell in cells if cell.kind is Kind.GIVEN]
        self._imports = {item for cell in given for item in cell.code.imports.items()}

    def given_imports(self, cell: CodeCell) -> frozenset[str]:
        """The names that a cell imports just as a given cell does."""
        return frozenset(name for name, _ in cell.code.imports.items() & self._imports)

    def reached(self, names: Iterable[str]) -> Iterator[Statement]:
        """Every statement that gives one of `names` its value, and those of the names that it reads."""
        todo, seen = set(names), set(names)
        taken: dict[int, Statement] = {}
        while todo:
            for one in self._statements.get(todo.pop(), ()):
                if id(one) not in taken:
                    taken[id(one)] = one
                    new = (one.read | one.deferred) - seen
                    seen |= new
                    todo |= new
                    yield one

    def reads_of(self, cell: CodeCell) -> frozenset[str]:
        """All that a cell needs, what functions that it calls need included."""
        own = cell.code.needs | cell.code.deferred
        found = own.union(*(one.deferred for one in self.reached(own)))
        return found | self._every if found & LOOKERS else found

    def taken_by(self, cell: CodeCell) -> frozenset[str]:
        """The names that a cell, and the functions that it calls, take from others while it runs."""
        return cell.code.needs | (self.reads_of(cell) - cell.code.surely)

    def effects_of(self, cell: CodeCell) -> frozenset[str]:
        """All that a cell may set or change, by functions that it calls as well."""
        called = list(self.reached(cell.code.needs | cell.code.deferred))
        later = frozenset().union(*(one.later for one in called))
        touched = frozenset().union(*(one.later_touched for one in called))
        return sets_of(cell, self) | later | (touched - self._constant)

    def changed_by_calls(self, one: Statement) -> frozenset[str]:
        """The data that a statement's calls may change: by an unknown method, or as an argument."""
        given = {name for function, name in one.passed if function in self._changing}
        return (one.touched | given) - self._constant


def sets_of(cell: CodeCell, definitions: Definitions) -> frozenset[str]:
    """The names that a cell sets, deletes, or whose objects its own statements may change."""
    changed: Callable[[Statement], frozenset[str]] = definitions.changed_by_calls
    return cell.code.sets.union(*map(changed, cell.code.statements))
