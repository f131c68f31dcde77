"""Containers of Python and of its `collections`."""

from __future__ import annotations

import collections
import keyword
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Collection, Sequence
from functools import lru_cache

from autograder.grading.values.budget import MOST_EQUAL_HASHES, MOST_KEYS, CannotCross
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

_FACTORIES: dict[str, type] = {
    kind.__name__: kind
    for kind in (int, float, complex, bool, str, bytes, list, tuple, dict, set, Counter, OrderedDict, deque)
}
_MOST_FIELDS = 100
_FEW = 100  # keys, which cannot make pairs enough
_LONGEST_DEQUE = 2**62


def few_collisions(keys: Collection[object]) -> None:
    """Refuse keys that a hash table would compare with one another too often.

    A table of 6,000 integers with one hash takes 0.2 s to build, and ten times as many a hundred times
    longer. Raises CannotCross, or TypeError for what has no hash.
    """
    if len(keys) < _FEW:
        return
    hashes = [hash(key) for key in keys]
    if len(hashes) == len(set(hashes)):
        return
    pairs = sum(count * (count - 1) // 2 for count in Counter(hashes).values())
    if pairs > MOST_EQUAL_HASHES:
        raise CannotCross("keys with the same hash")


def few_collisions_of_any(values: Collection[object]) -> None:
    """The same of values some of which may be equal, as in a column. Raises CannotCross or TypeError."""
    if set(map(type, values)) <= {str, type(None), bool}:  # texts that differ have other hashes
        return
    found: dict[int, list[object]] = {}
    pairs = 0
    for value in values:
        different = found.setdefault(hash(value), [])
        pairs += max(0, len(different) - 1)
        if any(value is other or value == other for other in different):
            continue
        different.append(value)
        if pairs > MOST_EQUAL_HASHES:
            raise CannotCross("keys with the same hash")


def keys_of(decoder: Decodes, data: object) -> list[object]:
    """The keys of a table: plain values with few collisions. Raises CannotCross."""
    if len(only(data, list)) > MOST_KEYS:
        raise CannotCross("too many keys")
    keys = decoder.plain(data)
    few_collisions(keys)
    return keys


def _sequence(coder: Encodes, value: tuple[object, ...]) -> Json:
    return {"tuple": coder.items(value)}


def _set(coder: Encodes, value: set[object] | frozenset[object]) -> Json:
    if len(value) > MOST_KEYS:
        raise NotByValue
    return {type(value).__name__: coder.plain(value)}


def _make_set(decoder: Decodes, data: object) -> frozenset[object]:
    members = keys_of(decoder, data)
    found = frozenset(members)
    if len(found) != len(members):
        raise CannotCross("a member that is there twice")
    return found


def _pairs(coder: Encodes, value: dict[object, object]) -> list[Json]:
    if len(value) > MOST_KEYS:
        raise NotByValue
    return [coder.plain(value), coder.items(value.values())]


def _make_dict(decoder: Decodes, data: object) -> dict[object, object]:
    names, values = parts(data, 2)
    keys = keys_of(decoder, names)
    found = dict(zip(keys, decoder.items(values), strict=True))
    if len(found) != len(keys):
        raise CannotCross("a key that is there twice")
    return found


def _dict(coder: Encodes, value: dict[object, object]) -> Json:
    return {"dict": _pairs(coder, value)}


def _counter(coder: Encodes, value: Counter[object]) -> Json:
    return {"counter": _pairs(coder, value)}  # type: ignore[arg-type]


def _ordered(coder: Encodes, value: OrderedDict[object, object]) -> Json:
    return {"ordered": _pairs(coder, value)}


def _defaultdict(coder: Encodes, value: defaultdict[object, object]) -> Json:
    factory = value.default_factory
    name = None if factory is None else getattr(factory, "__name__", "")
    if name is not None and _FACTORIES.get(name) is not factory:
        raise NotByValue
    return {"defaultdict": [name, _pairs(coder, value)]}


def _make_defaultdict(decoder: Decodes, data: object) -> object:
    name, pairs = parts(data, 2)
    factory = None if name is None else chosen(name, _FACTORIES)
    return defaultdict(factory, _make_dict(decoder, pairs))


def _deque(coder: Encodes, value: deque[object]) -> Json:
    return {"deque": [value.maxlen, coder.items(value)]}


def _make_deque(decoder: Decodes, data: object) -> object:
    longest, values = parts(data, 2)
    items = decoder.items(values)
    return deque(items, None if longest is None else whole(longest, len(items), _LONGEST_DEQUE))


@lru_cache(maxsize=200)
def _record_class(name: str, fields: tuple[str, ...]) -> type[tuple[object, ...]]:
    return collections.namedtuple(name, fields)


_OF_EVERY_RECORD = frozenset(vars(_record_class("Record", ()))) | {"__orig_bases__", "__annotations__"}


def is_record(kind: type) -> bool:
    """Whether the class is a namedtuple, and nothing was added to it."""
    fields = vars(kind).get("_fields")
    if kind.__bases__ != (tuple,) or type(fields) is not tuple or not all(type(f) is str for f in fields):
        return False
    return set(vars(kind)) <= _OF_EVERY_RECORD | set(fields)


def record_data(coder: Encodes, value: tuple[object, ...]) -> Json:
    """A namedtuple: its class is not the other process's, so it crosses as a tuple with named fields."""
    kind = type(value)
    fields: Sequence[str] = vars(kind)["_fields"]
    if len(fields) != len(value) or len(fields) > _MOST_FIELDS:
        raise NotByValue
    return {"record": [kind.__name__, list(fields), coder.items(value)]}


def _make_record(decoder: Decodes, data: object) -> object:
    name, fields, values = parts(data, 3)
    names = [text(field, 100) for field in only(fields, list)]
    items = decoder.items(values)
    if len(names) != len(items) or len(names) > _MOST_FIELDS:
        raise CannotCross("a record without names for its fields")
    # namedtuple makes its class from a text: every name must be one, and none may hide a method.
    for part in (text(name, 100), *names):
        if not part.isidentifier() or keyword.iskeyword(part) or part.startswith("_") or hasattr(tuple, part):
            raise CannotCross("not a name")
    decoder.exact = False
    return _record_class(text(name), tuple(names))(*items)  # type: ignore[arg-type]


ENCODERS: dict[type, Encode] = {
    tuple: _sequence,
    set: _set,
    frozenset: _set,
    dict: _dict,
    Counter: _counter,
    OrderedDict: _ordered,
    defaultdict: _defaultdict,
    deque: _deque,
}
MAKERS: dict[str, Make] = {
    "tuple": lambda decoder, data: tuple(decoder.items(data)),
    "set": lambda decoder, data: set(_make_set(decoder, data)),
    "frozenset": _make_set,
    "dict": _make_dict,
    "counter": lambda decoder, data: Counter(_make_dict(decoder, data)),
    "ordered": lambda decoder, data: OrderedDict(_make_dict(decoder, data)),
    "defaultdict": _make_defaultdict,
    "deque": _make_deque,
    "record": _make_record,
}
MUTABLE = frozenset({"set", "dict", "counter", "ordered", "defaultdict", "deque"})
