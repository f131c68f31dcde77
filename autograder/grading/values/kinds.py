"""The tables of all kinds of values: how each is encoded, and what makes it again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache

from autograder.grading.values import (
    arrays,
    containers,
    dates,
    dtypes,
    formulas,
    images,
    pandas_columns,
    pandas_frames,
    scalars,
    sparse,
)
from autograder.grading.values.coding import Encode, Encodes, Json, Make, NotByValue

_BUILT_IN: dict[type, Encode] = scalars.ENCODERS | dates.ENCODERS | containers.ENCODERS
_OF_LIBRARIES: dict[str, Callable[[], dict[type, Encode]]] = {
    "numpy": lambda: arrays.encoders() | dtypes.encoders(),
    "pandas": lambda: pandas_columns.encoders() | pandas_frames.encoders(),
    "scipy": sparse.encoders,
    "sympy": formulas.encoders,
    "PIL": images.encoders,
}
MAKERS: dict[str, Make] = {
    **scalars.MAKERS,
    **dates.MAKERS,
    **containers.MAKERS,
    **dtypes.MAKERS,
    **arrays.MAKERS,
    **pandas_columns.MAKERS,
    **pandas_frames.MAKERS,
    **sparse.MAKERS,
    **formulas.MAKERS,
    **images.MAKERS,
}
MUTABLE: frozenset[str] = frozenset().union(
    *(room.MUTABLE for room in (scalars, containers, arrays, pandas_frames, sparse, formulas, images))
)
"""Kinds of which a message keeps the identity: twice the same list is twice the same list."""


def encoder_of(kind: type) -> Encode | None:
    """How a value of exactly this type is encoded; None where it crosses as a reference.

    A library is looked at only where it is loaded: nobody else has a value of its types.
    """
    found = _BUILT_IN.get(kind)
    if found is not None:
        return found
    if kind is type:
        return _type
    library = str(kind.__module__).partition(".")[0]
    if library in _OF_LIBRARIES and library in sys.modules:
        return _library(library).get(kind)
    if type(kind).__module__ == "sympy.core.function":  # each such function has a class of its own
        return formulas.applied
    return containers.record_data if issubclass(kind, tuple) and containers.is_record(kind) else None


@cache
def _library(name: str) -> dict[type, Encode]:
    return _OF_LIBRARIES[name]()


def _type(coder: Encodes, value: type) -> Json:
    if scalars.TYPES.get(value.__name__) is value:
        return {"type": value.__name__}
    if dtypes.is_scalar_type(value):
        return {"scalar-type": value.__name__}
    raise NotByValue
