"""Rule 3: what of a test's text, and of all that it calls, reaches past values.

The rules are in the docstring of `grading/trial/__init__`.

A test that only asks for values and compares them means the same in any process. One that patches, looks at
the process, the files or the text of functions, or uses the student's classes as more than values, does not.
What cannot be read counts as reaching.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable

from autograder.core.python_names import names_in
from autograder.grading.trial.reading.cell_text import parsed
from autograder.grading.trial.reading.definitions import Library, Piece
from autograder.grading.trial.reading.imports import stars_in
from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind
from autograder.grading.trial.reading.reaching_names import ATTRIBUTES, SHELL, reaches
from autograder.grading.trial.reading.reaching_stores import Known, stores
from autograder.grading.trial.reading.reaching_uses import is_known_star, uses
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.reading.student_objects import answering_names, student_objects

_FROM_THE_SHELL = frozenset(dir(builtins)) | {"display", "get_ipython", "__builtins__", "__name__"}
_DRAWS = re.compile(r"(?:random|numpy\.random)\.(?!default_rng|Generator|RandomState|SeedSequence|Random)\w+")


class Reach:
    """What tests of one notebook reach. Made once of the teacher's cells."""

    def __init__(self, cells: Iterable[CodeCell], library: Library):
        self._cells = tuple(cells)
        self._library = library
        answers = [cell for cell in self._cells if cell.kind is Kind.ANSWER]
        self._known = Known(
            library.imports,
            _definitions(cell for cell in self._cells if cell.kind is not Kind.ANSWER),
            frozenset().union(*(_assigned(cell) for cell in answers)),
            _definitions(answers),
            answering_names(answers),
        )
        trees = [tree for cell in self._cells if (tree := parsed(cell.source).tree) is not None]
        self._stars = tuple(dict.fromkeys(module for tree in trees for module, _ in stars_in(tree)))
        self._seeded = any(".seed(" in ast.unparse(tree) for tree in trees)
        self._bound = frozenset().union(*(one.code.sets | _later(one) for one in self._cells))

    def reasons(self, test: CodeCell) -> tuple[Reason, ...]:
        """Every reason why a test reaches past values, in the order of its lines."""
        reading = self._library.reading(test)
        own = frozenset().union(*(one.bound for one in test.code.statements))
        found = [(one.where, one.line, one.words) for one in reading.unread]
        for piece in reading.pieces:
            reads = test.code.needs | test.code.deferred if not piece.where else _reads(piece)
            for line, words in self._look(piece, reads, own):
                found.append((piece.where, line + piece.before, words))
        found += [("", line, words) for line, words in self._unknown(test)]
        ordered = sorted(dict.fromkeys(found), key=lambda one: (one[0] != "", one[1]))
        return tuple(
            Reason(Why.REACHES, f"{where}line {line} {words}", 0 if where else line)
            for where, line, words in ordered
        )

    def _look(self, piece: Piece, reads: frozenset[str], own: frozenset[str]) -> Iterable[tuple[int, str]]:
        local = piece.imports
        for line, words in uses(piece.node, reads, local):
            module = words.removeprefix("takes every name of ")
            if module == words or self._library.find(module) == ("", ""):
                yield line, words
        # In a function that the teacher gives, `del x` and `x = 1` are its own.
        yield from stores(piece.node, self._known, local, own)
        yield from student_objects(piece.node, self._known)
        if self._seeded:
            yield from _draws(piece)

    def _unknown(self, test: CodeCell) -> Iterable[tuple[int, str]]:
        """Names that no cell sets: a star import brings them, or something that cannot be seen."""
        unknown = (test.code.needs | test.code.deferred) - self._bound - _FROM_THE_SHELL
        local = any(self._library.find(module) != ("", "") for module in self._stars)
        for name in sorted(unknown):
            if SHELL.fullmatch(name):
                continue
            line = next((one.line for one in test.code.statements if name in one.read | one.deferred), 1)
            words = [said for module in self._stars if (said := reaches(f"{module}.{name}"))]
            if words:
                yield line, f"{words[0]} ({name})"
            elif not local and not any(map(is_known_star, self._stars)):
                yield line, f"uses {name}, and no cell of the teacher's says what it is"


def counts_cells(tests: Iterable[CodeCell]) -> bool:
    """Whether some test reads In, Out or _: then no test of its notebook may be taken out of the order."""
    return any(SHELL.fullmatch(name) for test in tests for name in test.code.needs | test.code.deferred)


def _draws(piece: Piece) -> Iterable[tuple[int, str]]:
    for one in ast.walk(piece.node):
        if isinstance(one, ast.Attribute | ast.Name) and isinstance(one.ctx, ast.Load):
            text = ast.unparse(one)
            first, dot, rest = text.partition(".")
            if rest.rpartition(".")[2] in ATTRIBUTES:
                continue
            if _DRAWS.fullmatch(piece.imports.get(first, "?") + dot + rest):
                yield one.lineno, f"draws from a generator that a cell seeds ({text})"


def _reads(piece: Piece) -> frozenset[str]:
    return names_in(ast.unparse(piece.node)).read


def _definitions(cells: Iterable[CodeCell]) -> frozenset[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(
        name
        for cell in cells
        for one in cell.code.statements
        if isinstance(one.node, kinds)
        for name in one.bound
    )


def _assigned(cell: CodeCell) -> frozenset[str]:
    """What a cell sets at module scope by anything but an import."""
    tree = parsed(cell.source).tree
    return names_in(ast.unparse(tree)).assigned if tree is not None and cell.code.readable else frozenset()


def _later(cell: CodeCell) -> frozenset[str]:
    return frozenset().union(*(one.later for one in cell.code.statements))
