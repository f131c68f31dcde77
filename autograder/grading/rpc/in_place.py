"""Arguments that a function changed: the caller's own objects follow the copies that it was given."""

from __future__ import annotations

import sys
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Any

_TABLES = (dict, Counter, OrderedDict, defaultdict)
_MUTABLE = frozenset({list, set, bytearray, deque, *_TABLES})


def is_mutable(value: object) -> bool:
    """Whether the value crosses as a copy and a function could change it."""
    return type(value) in _MUTABLE or _is_array(value) or _is_of_pandas(value)


def follow(mine: object, theirs: object) -> None:
    """Change the caller's own argument as the function changed its copy."""
    if type(mine) is type(theirs):
        _follow(mine, theirs)


def _follow(mine: Any, found: Any) -> None:
    """The same of two values of one type, which is one of those that `is_mutable` knows."""
    kind = type(mine)
    if kind is list or kind is bytearray:
        mine[:] = found
    elif kind is deque:
        mine.clear()
        mine.extend(found)
    elif kind in _MUTABLE:
        mine.clear()
        mine.update(found)
    elif _is_array(mine) and mine.shape == found.shape and mine.flags.writeable:
        mine[...] = found
    elif _is_of_pandas(mine):
        # As all of pandas' own methods with `inplace=True` do it.
        mine._update_inplace(found)


def _is_array(value: object) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and type(value) in (numpy.ndarray, numpy.matrix, numpy.ma.MaskedArray)


def _is_of_pandas(value: object) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and type(value) in (
        getattr(pandas, "Series", 0),
        getattr(pandas, "DataFrame", 0),
    )
