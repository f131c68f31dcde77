"""Plain values <-> JSON, across the wall. Never pickle.

Only values of exactly the built-in types and numpy's plain arrays and scalars cross. Whatever else (a
function, an object, a subclass with methods of its own) stays where it is and crosses as a reference.
The decoder trusts nothing: sizes and depths are bounded, types are looked up in a table.
"""

from __future__ import annotations

import base64
import math
import sys
from collections.abc import Callable
from typing import Any

DEEPEST = 50
MOST_ITEMS = 1_000_000
LARGEST_ARRAY = 16 << 20
"""Bytes."""
_PLAIN_KINDS = "biufcSUmM"

Refer = Callable[[Any], dict[str, Any]]
"""Makes a reference of a value that cannot cross; raises TypeError where there is none to make."""
Resolve = Callable[[dict[str, Any]], Any]
"""Makes a value of a reference that the other side sent."""


class CannotCross(TypeError):
    """A value is too deep, too large, or of a type that cannot cross the wall."""


class Encoder:
    """Encodes one message; `refer` is asked for each value that cannot cross by itself."""

    def __init__(self, refer: Refer):
        self.refer = refer
        self.items = 0
        self.bytes = 0

    def encode(self, value: Any, depth: int = 0) -> Any:
        """`value` as JSON data. Raises CannotCross."""
        self.items += 1
        if depth > DEEPEST or self.items > MOST_ITEMS:
            raise CannotCross("a value too deep or too large to be graded")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if abs(value) < 2**53 else {"int": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        if kind in (tuple, set, frozenset):
            return {kind.__name__: [self.encode(item, depth + 1) for item in value]}
        if kind is dict:
            pairs = [[self.encode(k, depth + 1), self.encode(v, depth + 1)] for k, v in value.items()]
            return {"dict": pairs}
        if kind is complex:
            return {"complex": [repr(value.real), repr(value.imag)]}
        if kind is bytes:
            return {"bytes": base64.b64encode(value).decode()}
        if kind is range:
            return {"range": [value.start, value.stop, value.step]}
        if value is ...:
            return {"ellipsis": 0}
        found = self._numpy(value, kind)
        return self.refer(value) if found is None else found

    def _numpy(self, value: Any, kind: type) -> Any:
        numpy = sys.modules.get("numpy")
        if numpy is None or not hasattr(numpy, "ndarray"):
            return None
        if kind is numpy.ndarray and value.dtype.kind in _PLAIN_KINDS:
            self.bytes += value.nbytes
            if self.bytes > LARGEST_ARRAY:
                raise CannotCross("an array too large to be graded")
            data = base64.b64encode(numpy.ascontiguousarray(value).tobytes()).decode()
            return {"array": [value.dtype.str, list(value.shape), data]}
        if (
            issubclass(kind, numpy.generic)
            and kind.__module__ == "numpy"
            and value.dtype.kind in _PLAIN_KINDS
        ):
            return {"scalar": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
        return None


class Decoder:
    """Decodes messages; `resolve` is asked for each reference."""

    def __init__(self, resolve: Resolve):
        self.resolve = resolve

    def decode(self, data: Any, depth: int = 0) -> Any:
        """The value that `data` encodes. Raises CannotCross for anything that no encoder writes."""
        if depth > 2 * DEEPEST:
            raise CannotCross("too deep")
        kind = type(data)
        if data is None or kind in (bool, int, float, str):
            return data
        if kind is list:
            return [self.decode(item, depth + 1) for item in data]
        if kind is not dict or not data:
            raise CannotCross("not a message")
        if "ref" in data or "callback" in data:
            return self.resolve(data)
        (name, body), *more = data.items()
        make = None if more else _MAKERS.get(name)
        if make is None:
            raise CannotCross("an unknown kind of value")
        try:
            return make(self, body, depth + 1)
        except CannotCross:
            raise
        except (TypeError, ValueError, KeyError, OverflowError, MemoryError, RecursionError) as error:
            raise CannotCross(f"a malformed value: {type(error).__name__}") from None

    def _items(self, body: Any, depth: int) -> list[Any]:
        if type(body) is not list:
            raise CannotCross("not a sequence")
        return [self.decode(item, depth) for item in body]


def _array(decoder: Decoder, body: Any, depth: int) -> Any:
    import numpy

    name, shape, data = body
    dtype = numpy.dtype(str(name))
    if dtype.kind not in _PLAIN_KINDS or len(shape) > 32:
        raise CannotCross("an array of objects")
    return numpy.frombuffer(base64.b64decode(data), dtype=dtype).reshape([int(n) for n in shape]).copy()


def _scalar(decoder: Decoder, body: Any, depth: int) -> Any:
    import numpy

    name, data = body
    dtype = numpy.dtype(str(name))
    if dtype.kind not in _PLAIN_KINDS:
        raise CannotCross("a scalar object")
    return numpy.frombuffer(base64.b64decode(data), dtype=dtype)[0]


_MAKERS: dict[str, Callable[[Decoder, Any, int], Any]] = {
    "int": lambda d, body, depth: int(body, 16),
    "float": lambda d, body, depth: float(body),
    "complex": lambda d, body, depth: complex(float(body[0]), float(body[1])),
    "bytes": lambda d, body, depth: base64.b64decode(body),
    "range": lambda d, body, depth: range(*body),
    "ellipsis": lambda d, body, depth: ...,
    "tuple": lambda d, body, depth: tuple(d._items(body, depth)),
    "set": lambda d, body, depth: set(d._items(body, depth)),
    "frozenset": lambda d, body, depth: frozenset(d._items(body, depth)),
    "dict": lambda d, body, depth: {d.decode(k, depth): d.decode(v, depth) for k, v in body},
    "array": _array,
    "scalar": _scalar,
}
