"""Types of numpy arrays: those of fixed size whose bytes say all, and records of them."""

from __future__ import annotations

import re
import sys
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    chosen,
    only,
    parts,
    text,
    whole,
)

if TYPE_CHECKING:
    import numpy as np

LARGEST_ITEM = 64 << 10
"""Bytes. `V1000000000` would be an array of one item and of a gigabyte."""
_MOST_FIELDS = 100
_DEEPEST = 5
_SIMPLE = re.compile(
    r"[<>|](b1|[iu][1248]|f(2|4|8|16)|c(8|16|32)|[SU]\d{1,5}"
    r"|[mM]8(\[([1-9]\d{0,5})?(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?)"
)


def dtype_data(dtype: np.dtype) -> Json:
    """The type as JSON data. Raises NotByValue for objects, raw bytes and what is not numpy's own."""
    if dtype.names is None:
        if dtype.subdtype is not None or not _is_simple(dtype.str):
            raise NotByValue
        return dtype.str
    fields: list[Json] = []
    for name in dtype.names:
        inner, offset, *_title = dtype.fields[name]  # type: ignore[index]
        fields.append([name, dtype_data(inner.base), list(inner.shape), offset])
    return [dtype.itemsize, fields]


@lru_cache(maxsize=200)
def _is_simple(name: str) -> bool:
    return _SIMPLE.fullmatch(name) is not None


def dtype_of(data: object, depth: int = 0) -> np.dtype:
    """The type that `dtype_data` wrote. Raises CannotCross."""
    import numpy as np

    if type(data) is str:
        return _simple(data)
    size, fields = parts(data, 2)
    whole(size, 0, LARGEST_ITEM)
    if depth > _DEEPEST or len(only(fields, list)) > _MOST_FIELDS:
        raise CannotCross("a record too large")
    names, formats, offsets, end = [], [], [], 0
    for name, inner, shape, offset in (parts(field, 4) for field in only(fields, list)):
        one = dtype_of(inner, depth + 1)
        lengths = [whole(length, 0, LARGEST_ITEM) for length in only(shape, list)]
        count = volume(lengths, 8)
        # Fields that overlap, or stand in another order, would be written over one another.
        end = whole(offset, end, LARGEST_ITEM) + count * one.itemsize
        names.append(text(name, 200))
        formats.append((one, tuple(lengths)) if lengths else one)
        offsets.append(offset)
        if end > whole(size, end, LARGEST_ITEM):
            raise CannotCross("a record too large")
    plan = {"names": names, "formats": formats, "offsets": offsets, "itemsize": size}
    return _of_bounded_size(np.dtype(plan))  # type: ignore[call-overload]


@lru_cache(maxsize=200)
def _simple(name: str) -> np.dtype:
    import numpy as np

    if not _is_simple(name):
        raise CannotCross("not a type of numbers or text")
    return _of_bounded_size(np.dtype(name))


def _of_bounded_size(dtype: np.dtype) -> np.dtype:
    if dtype.itemsize > LARGEST_ITEM:
        raise CannotCross("a type of items too large")
    return dtype


def volume(shape: list[int], most_axes: int = 32) -> int:
    """The product of the lengths, an axis of length zero counted as one.

    An array of shape (0, 10**9) is empty, and its sum over the first axis is not. Raises CannotCross.
    """
    if len(shape) > most_axes:
        raise CannotCross("an array of too many axes")
    product = 1
    for length in shape:
        product *= max(length, 1)
    return product


def _dtype(coder: Encodes, value: np.dtype) -> Json:
    return {"dtype": "O" if value.kind == "O" else dtype_data(value)}


def _make_dtype(decoder: Decodes, data: object) -> object:
    import numpy as np

    return np.dtype(object) if data == "O" else dtype_of(data)


@cache
def scalar_types() -> dict[str, type]:
    """numpy's own types of numbers and text, by their names."""
    import numpy as np

    kinds = set(np.sctypeDict.values()) - {np.object_, np.void}
    return {kind.__name__: kind for kind in kinds}


def is_scalar_type(value: object) -> bool:
    """Whether the value is one of numpy's own types of numbers or text."""
    return "numpy" in sys.modules and scalar_types().get(getattr(value, "__name__", "")) is value


def encoders() -> dict[type, Encode]:
    """Types of arrays, where numpy is loaded."""
    import numpy as np

    return {type(np.dtype(kind)): _dtype for kind in (*scalar_types().values(), np.void, object)}


MAKERS: dict[str, Make] = {
    "dtype": _make_dtype,
    "scalar-type": lambda decoder, data: chosen(data, scalar_types()),
}
