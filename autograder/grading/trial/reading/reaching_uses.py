"""What a piece of text uses that reaches past values: names, attributes, magics, identity, computed names."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Collection, Iterator, Mapping

from autograder.grading.trial.reading.cell_text import magic_call
from autograder.grading.trial.reading.reaching_names import ATTRIBUTES, BUILTINS, SHELL, reaches

Found = Iterator[tuple[int, str]]
"""A line of the piece, and what it does, in words that follow "line 3"."""

_DUNDER = re.compile(r"__\w+__")
_BY_NAME = frozenset("getattr setattr delattr attrgetter methodcaller".split())
_TYPES = frozenset(name for name in dir(builtins) if isinstance(getattr(builtins, name), type))
_STARS = frozenset(
    "math cmath numpy numpy.linalg scipy sympy statistics fractions itertools functools collections operator"
    " typing string datetime".split()
)
"""Libraries whose every name only computes, but for those in the tables."""


def uses(node: ast.AST, reads: Collection[str], imports: Mapping[str, str]) -> Found:
    """What `node` uses.

    Args:
        node: The tree of the piece.
        reads: The names that the piece takes from its surroundings.
        imports: What imported names stand for.
    """
    inner = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute):
            yield from _attribute(one, node)
        if isinstance(one, ast.Attribute | ast.Name) and id(one) not in inner:
            yield from _dotted(one, imports)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load) and one.id in reads:
            yield from _name(one, imports)
        if isinstance(one, ast.Call):
            yield from _call(one, imports)
        if isinstance(one, ast.Compare):
            yield from _identity(one)
        if isinstance(one, ast.ImportFrom):
            yield from _import(one)


def _attribute(node: ast.Attribute, whole: ast.AST) -> Found:
    if _DUNDER.fullmatch(node.attr):
        # Python's own way to the base class in a method.
        if not (isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"):
            yield node.lineno, f"looks at {node.attr}"
    elif node.attr in ATTRIBUTES:
        yield node.lineno, f"{ATTRIBUTES[node.attr]} ({_short(node)})"


def _dotted(node: ast.Attribute | ast.Name, imports: Mapping[str, str]) -> Found:
    parts: list[str] = []
    start: ast.expr = node
    while isinstance(start, ast.Attribute):
        parts.insert(0, start.attr)
        start = start.value
    if isinstance(start, ast.Name) and start.id in imports:
        found = reaches(".".join([imports[start.id], *parts]))
        if found and not (parts and parts[-1] in ATTRIBUTES):  # that was said of the attribute
            yield node.lineno, f"{found} ({_short(node)})"


def _name(node: ast.Name, imports: Mapping[str, str]) -> Found:
    if node.id in imports:
        return
    if SHELL.fullmatch(node.id):
        yield node.lineno, f"looks at {node.id}, which IPython keeps of earlier cells"
    elif node.id in BUILTINS:
        if node.id != "get_ipython":  # `_call` says which magic
            yield node.lineno, f"{BUILTINS[node.id]} ({node.id})"
    elif _DUNDER.fullmatch(node.id):
        yield node.lineno, f"looks at {node.id}"


def _call(node: ast.Call, imports: Mapping[str, str]) -> Found:
    magic = magic_call(node)
    if magic:
        yield node.lineno, "runs a command of the shell" if magic[0] == "!" else f"runs the magic %{magic[0]}"
    function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if function == "get_ipython" and not magic:
        yield node.lineno, "uses the shell (get_ipython)"
    if function not in _BY_NAME:
        return
    names = node.args[1:2] if function.endswith("attr") else node.args[:1]
    text = names[0].value if names and isinstance(names[0], ast.Constant) else None
    if type(text) is not str:
        yield node.lineno, f"calls {function} with a computed name"
    elif _DUNDER.fullmatch(text) or text in ATTRIBUTES:
        yield node.lineno, f"looks at {text} with {function}"


def _identity(node: ast.Compare) -> Found:
    sides = [node.left, *node.comparators]
    for index, operator in enumerate(node.ops):
        pair = sides[index : index + 2]
        if isinstance(operator, ast.Is | ast.IsNot) and not any(map(_is_singleton, pair)):
            yield node.lineno, f"asks whether two things are one object ({_short(node)})"


def _is_singleton(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value is None or type(node.value) in (bool, type(...))
    # A built-in type is one object in every process.
    return isinstance(node, ast.Name) and node.id in _TYPES | {"NotImplemented", "Ellipsis"}


def _import(node: ast.ImportFrom) -> Found:
    if any(alias.name == "*" for alias in node.names) and not is_known_star(node.module or ""):
        yield node.lineno, f"takes every name of {node.module}"


def is_known_star(module: str) -> bool:
    """Whether every name of a library only computes, but for those in the tables."""
    return module in _STARS


def _short(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."
