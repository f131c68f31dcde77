"""Changes a lesson's inputs in their 13th digit, to find values that depend on rounding errors.

A sound value changes by as little; a chaotic one (the end of a long training, say) becomes another. Inputs
are the numbers that an author typed and the numbers in the names of given cells. Whole numbers of type int
stay: they count, index and square. So do 0 and 1, the ends of an interval or a probability, which the
smallest change would leave; and so do indices and keyword arguments.
"""

from __future__ import annotations

import ast
import contextlib
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import ModuleType

BY = 1e-13
"""The relative change of an input: some hundred times a rounding error."""

_ENDS = (-1.0, 0.0, 1.0)

_on: ContextVar[bool] = ContextVar("moved inputs", default=False)


@contextlib.contextmanager
def inputs() -> Iterator[None]:
    """Within this block `moved` and `move` move inputs; outside they leave everything as it is."""
    token = _on.set(True)
    try:
        yield
    finally:
        _on.reset(token)


def moved(tree: ast.Module) -> ast.Module:
    """Code whose typed numbers are moved, each up or down by its place in the file."""
    return ast.fix_missing_locations(_Literals().visit(tree)) if _on.get() else tree


def move(names: dict[str, object], before: Mapping[str, object]) -> None:
    """Move the numbers in those of `names` that a cell has bound; `before` are the names before it ran."""
    if not _on.get():
        return
    for name, value in list(names.items()):
        if not name.startswith("__") and before.get(name, names) is not value:
            names[name] = _moved(value, zlib.crc32(name.encode()))


class _Literals(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if type(node.value) is float:
            node.value = _moved_float(node.value, zlib.crc32(f"{node.lineno}:{node.col_offset}".encode()))
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        node.value = self.visit(node.value)
        return node


def _moved(value: object, seed: int) -> object:
    """`value` with the numbers in it moved; what holds none comes back as it is."""
    numpy = sys.modules.get("numpy")
    if type(value) is float:
        return _moved_float(value, seed)
    if type(value) is list:
        return [_moved(item, seed + number) for number, item in enumerate(value)]
    if type(value) is tuple:
        return tuple(_moved(item, seed + number) for number, item in enumerate(value))
    if type(value) is dict:
        return {key: _moved(item, seed + number) for number, (key, item) in enumerate(value.items())}
    if numpy is None:
        return value
    if isinstance(value, numpy.floating):
        return type(value)(_moved_float(float(value), seed))
    if isinstance(value, numpy.ndarray) and type(value) is numpy.ndarray and value.dtype.kind == "f":
        signs = numpy.where(_bits(numpy, value.size, seed), BY, -BY).reshape(value.shape)
        return numpy.where(numpy.isin(value, _ENDS), value, value * (1 + signs))
    return value


def _moved_float(value: float, seed: int) -> float:
    return value if value in _ENDS else value * (1 + (BY if seed % 2 else -BY))


def _bits(numpy: ModuleType, count: int, seed: int) -> object:
    """`count` bits without a pattern, the same everywhere (no random state of the lesson is touched)."""
    mixed = (numpy.arange(count, dtype=numpy.uint64) + numpy.uint64(seed)) * numpy.uint64(0x9E3779B97F4A7C15)
    return (mixed >> numpy.uint64(40)) & numpy.uint64(1) == 1
