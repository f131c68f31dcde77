"""What a value really is: by its true type, so that no method of a learner's own class is called.

numpy is never imported here. Where a learner has loaded it, its scalars and arrays are understood.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TypeGuard, TypeVar

T = TypeVar("T")


def is_a(value: object, kind: type[T]) -> TypeGuard[T]:
    """isinstance by the true type: a value's own __class__ is not asked."""
    return issubclass(type(value), kind)


def without_numpy(value: object) -> object:
    """numpy's scalars and arrays as Python's scalars and nested lists; anything else as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return value
    if is_a(value, numpy.generic):
        item: object = numpy.generic.item(value)
        return float(item) if is_a(item, numpy.floating) else item  # a longdouble's item is itself
    if is_a(value, numpy.ndarray):
        nested: object = numpy.ndarray.tolist(value)
        return nested
    return value


def items_of(value: object) -> Iterator[object] | None:
    """The items of a list or tuple; None where the value is neither."""
    if is_a(value, list):
        return list.__iter__(value)
    return tuple.__iter__(value) if is_a(value, tuple) else None


def describe(value: object) -> str:
    """A few words for what `value` is. Calls no code of the value's own class."""
    kind = type(value)
    numpy = sys.modules.get("numpy")
    if type(value) is bool:
        return f"the truth value {value}"
    if type(value) is str:
        return f"text {value[:20]!r}" + ("…" if len(value) > 20 else "")
    if type(value) in (list, tuple, set, dict):
        count = kind.__len__(value)  # type: ignore[attr-defined]
        return f"a {kind.__name__} of {count} value{'' if count == 1 else 's'}"
    if numpy is not None and issubclass(kind, getattr(numpy, "ndarray", ())):
        return f"an array of shape {numpy.ndarray.shape.__get__(value)}"
    if issubclass(kind, complex):
        return "a complex number"
    if kind.__name__ in ("function", "builtin_function_or_method", "method", "ufunc"):
        return "a function (call it, and give its value)"
    return f"a value of type {kind.__name__[:30]}"
