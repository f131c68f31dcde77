"""Whose name is it: the teacher's, the learner's to set, or redefined by a learner.

Only what stands at module scope counts: a parameter or local variable that is called like a module gives
nobody that module.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.statements import Statement

_SHELL = frozenset("get_ipython In Out display exit quit _ __ ___ open".split())


@dataclass(frozen=True)
class Ownership:
    """Whose the names of an assignment are.

    student:   set at module scope by a solution, and data of the teacher's that a solution changes
    imported:  imported by solutions alone: the import is the learner's to make
    teacher:   set by a cell of the teacher's that is no answer, and not the student's
    imports:   what the imports of the teacher's cells stand for
    texts:     the teacher's own statements, by which a learner's copy of one is known
    """

    student: frozenset[str]
    imported: frozenset[str]
    teacher: frozenset[str]
    imports: Mapping[str, str]
    texts: frozenset[str]

    def is_teachers(self, name: str) -> bool:
        """Whether a name is never the student's: a test takes it from its own process."""
        own = name in self.teacher or hasattr(builtins, name) or name in _SHELL
        return own and name not in self.student

    def redefined(self, cells: Iterable[CodeCell]) -> dict[str, str]:
        """Names of the teacher's that a learner's cells give another value, with words for it.

        The same import, and a copy of a statement of the teacher's, give the same value.
        """
        found: dict[str, str] = {}
        for cell in cells:
            if cell.kind is Kind.TEST:
                continue
            for one in cell.code.statements:
                if one.text in self.texts:
                    continue
                same = one.imports.items() & self.imports.items()
                for name in sorted(_set_at_module_scope(one) - {name for name, _ in same}):
                    if self.is_teachers(name):
                        place = f"cell {cell.place + 1}, line {one.line}"
                        found.setdefault(name, f"this learner gives {name} another value ({place})")
        return found


def ownership_of(cells: Iterable[CodeCell]) -> Ownership:
    """Whose names are whose, by the teacher's cells."""
    everything = tuple(cells)
    answers = [cell for cell in everything if cell.kind is Kind.ANSWER]
    others = [cell for cell in everything if cell.kind is not Kind.ANSWER]
    given = [one for cell in others for one in cell.code.statements]
    solved = [one for cell in answers for one in cell.code.statements]
    teachers = frozenset().union(*map(_set_at_module_scope, given))
    imported = frozenset(name for one in solved if isinstance(one.node, _IMPORTS) for name in one.imports)
    bound = frozenset().union(*(_set_at_module_scope(one) for one in solved))
    assigned = frozenset().union(
        *(_set_at_module_scope(one) for one in solved if not isinstance(one.node, _IMPORTS))
    )
    data = frozenset(name for one in given if not one.defines for name in one.bound)
    fixed = (teachers - data) | imported | frozenset(dir(builtins))  # a module that is changed stays a module
    changed = frozenset().union(*(one.changed for one in solved)) - fixed
    student = assigned | changed
    return Ownership(
        student,
        (bound & imported) - student - teachers,
        teachers - student,
        {name: target for cell in others for name, target in cell.code.imports.items()},
        frozenset(one.text for one in given),
    )


_IMPORTS = (ast.Import, ast.ImportFrom)


def _set_at_module_scope(one: Statement) -> frozenset[str]:
    """The names that a statement binds or, by `global` in a function of its own, may bind."""
    if not isinstance(one.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return one.bound
    declared = {name for part in ast.walk(one.node) if isinstance(part, ast.Global) for name in part.names}
    return one.bound | declared
