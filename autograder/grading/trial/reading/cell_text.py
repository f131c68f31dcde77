"""A cell's text as a tree of plain Python: magics that only measure or show are taken out of the way.

`%time f()` becomes `f()`, `%matplotlib inline` nothing. Every other magic stays the call of
`get_ipython()` that IPython makes of it.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from dataclasses import dataclass
from functools import lru_cache

_TIMED = re.compile(r"(?:-(?:[nrp]\s*\d+|[tcq])\s+)*(?![-\s])(.*)", re.S)
"""What %timeit runs. With -o or -v what it measured becomes a value."""
LONGEST = 200_000
"""Characters; a tree takes many times the memory of its text."""
_SHOWING = frozenset("html latex markdown svg".split())
"""Cell magics that only show their text."""


@dataclass(frozen=True)
class CellText:
    """The tree of a cell, and how many lines of the cell stand before the tree's first line.

    The tree is None where the text is no Python: `problem` says why.
    """

    tree: ast.Module | None
    before: int = 0
    problem: str = ""


_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a cell's strings and comparisons
        tree = ast.parse(source)
        # A tree may still be no program: `nonlocal x` at the left edge.
        symtable.symtable(source, "cell", "exec")
    return tree


@lru_cache(maxsize=1024)
def parsed(source: str) -> CellText:
    """The tree of a cell of IPython's. It is shared: nobody may change it."""
    if len(source) > LONGEST:
        return CellText(None, problem="it is too long")
    try:
        return CellText(_tree(source))
    except _NO_PYTHON:
        pass
    # It takes a while to load, and most cells are plain Python.
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        tree = _tree(TransformerManager().transform_cell(source))
    except _NO_PYTHON as error:
        return CellText(None, problem=str(error))
    lines = source.splitlines()
    before = next((index for index, line in enumerate(lines) if line.strip()), 0)
    return CellText(ast.fix_missing_locations(_Magics().visit(tree)), before)


def magic_call(node: ast.AST) -> tuple[str, tuple[str, ...]] | None:
    """The magic that a call of `get_ipython()` runs and its texts; "!" for a command of the shell."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return None
    shell = node.func.value
    if not (isinstance(shell, ast.Call) and isinstance(shell.func, ast.Name)):
        return None
    if shell.func.id != "get_ipython":
        return None
    texts = tuple(one.value for one in node.args if isinstance(one, ast.Constant) and type(one.value) is str)
    if node.func.attr in ("system", "getoutput"):
        return "!", texts
    if node.func.attr in ("run_line_magic", "run_cell_magic") and texts:
        return texts[0], texts[1:]
    return None


class _Magics(ast.NodeTransformer):
    """Puts the code that a harmless magic runs in the magic's place."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        found = magic_call(node.value)
        if found is None:
            return node
        inner = _code_of(found[0], found[1])
        if inner is None:
            return node
        shift = len(found[1]) == 2  # a cell magic's body begins below its line
        for one in inner:
            for part in ast.walk(one):
                if isinstance(part, ast.expr | ast.stmt | ast.excepthandler | ast.arg | ast.keyword):
                    part.lineno += node.lineno - 1 + shift
                    part.end_lineno = part.lineno
        return inner or ast.copy_location(ast.Pass(), node)


def _code_of(name: str, texts: tuple[str, ...]) -> list[ast.stmt] | None:
    """The statements that a harmless magic comes to, None for a magic that is not harmless."""
    line = texts[0].strip() if texts else ""
    if len(texts) == 2:
        return _code_of_cell_magic(name, line, texts[1])
    if name == "time":
        return _statements(line)
    if name == "timeit":
        timed = _TIMED.fullmatch(line)
        return _statements(timed[1]) if timed else None
    showing = (name == "matplotlib" and line == "inline") or name == "autosave"
    return [] if showing or (name == "config" and line.startswith("InlineBackend.")) else None


def _code_of_cell_magic(name: str, line: str, body: str) -> list[ast.stmt] | None:
    if name in _SHOWING:
        return []
    if name == "time" or (name == "timeit" and (_TIMED.fullmatch(f"{line} pass") or not line)):
        return _statements(body)
    if name == "capture" and re.fullmatch(r"\w*", line):
        kept = ast.parse(f"{line} = None").body if line.isidentifier() else []
        code = _statements(body)
        return None if code is None else [*kept, *code]
    return None


def _statements(code: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(code).body
    except (SyntaxError, ValueError):
        return None
