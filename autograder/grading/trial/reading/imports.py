"""What code imports, and which module or member of one a name stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Import:
    """One import: the module's dotted name, what is taken from it (nothing: the module itself), the line."""

    module: str
    names: tuple[str, ...]
    line: int


def imports_in(tree: ast.AST, package: str = "") -> Iterator[Import]:
    """Every import, in functions as well. `package` is where `from . import x` begins."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".") if package and node.level else []
            start = start[: len(start) - node.level + 1] if node.level else []
            module = ".".join([*start, *filter(None, [node.module])])
            yield Import(module or ".", tuple(alias.name for alias in node.names), node.lineno)


def targets_of(trees: Iterable[ast.AST | None]) -> dict[str, str]:
    """What imported names stand for: {"np": "numpy", "randn": "numpy.random.randn"}."""
    found: dict[str, str] = {}
    for tree in trees:
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    found[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name != "*":
                        module = "." * node.level + (node.module or "")
                        found[alias.asname or alias.name] = f"{module}.{alias.name}"
    return found


def stars_in(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The module and the line of every `from module import *`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield node.module or ".", node.lineno
