"""One message, from Python values to JSON data.

A value crosses by value only if its type is exactly one that the tables know, and so do all parts that
make it what it is. Everything else crosses as a reference, which the caller makes.
"""

from __future__ import annotations

import binascii
import math
from collections.abc import Callable, Collection
from typing import Any

from autograder.grading.values import kinds
from autograder.grading.values.budget import BYTES_IN_A_FILE, COSTS, ITEM, Budget, CannotCross
from autograder.grading.values.coding import Json, NotByValue, inexactly
from autograder.grading.values.memory_files import LEAST_BYTES, sealed
from autograder.grading.values.scalars import LARGEST_IN_JSON

Refer = Callable[[Any], dict[str, Any]]
"""Makes a reference of a value that cannot cross; raises TypeError where there is none to make."""
SendFile = Callable[[int], int]
"""Sends the descriptor of a sealed memory file, which is closed afterwards; gives the number that the
other process will know it by."""

_AS_THEY_ARE = frozenset({type(None), bool, int, float, str})
_FEW = 8
"""Fewer values are quicker looked at one by one."""


class Encoder:
    """Encodes one message; `refer` is asked for each value that cannot cross by itself."""

    def __init__(self, refer: Refer, send_file: SendFile | None = None, earlier: set[int] | None = None):
        """Begin a message.

        Args:
            refer: Makes a reference.
            send_file: Takes large arrays; without it they count against the size of the message.
            earlier: the `id`s of lists and other mutable values that earlier messages brought, to which
                those of this message are added. A value that is among them is marked as crossed inexactly,
                as the other process gets a second copy of it. An `id` that Python gave to another object
                since errs to the same side.
        """
        self.refer = refer
        self.send_file = send_file
        self.earlier = earlier
        self.budget = Budget()
        # By `id`: the value, to keep it alive; its number on the other side; what it counts.
        self._sent: dict[int, tuple[object, int, int]] = {}
        self._references: dict[int, tuple[object, dict[str, Any]]] = {}
        self._whole = 0  # how many of the values that we are inside of must hold no reference

    def encode(self, value: object) -> Json:
        """`value` as JSON data. Raises CannotCross."""
        budget = self.budget
        kind = type(value)
        if kind in _AS_THEY_ARE and _fits(value):
            budget.spend(ITEM + len(value) if kind is str else ITEM)  # type: ignore[arg-type]
            return value  # type: ignore[return-value]
        sent = self._sent.get(id(value))
        if sent is not None:
            budget.spend(sent[2])
            return {"same": sent[1]}
        before = budget.spent
        budget.enter()
        data = self.items(value) if kind is list else self._by_value(value, kind)  # type: ignore[arg-type]
        budget.depth -= 1
        return self._remember(value, data, budget.spent - before)

    def items(self, values: Collection[object]) -> list[Json]:
        """Each of the values. Raises CannotCross."""
        if len(values) < _FEW:
            return [self.encode(value) for value in values]
        found = set(map(type, values))
        if found <= _AS_THEY_ARE:
            flat = list(values)
            if all(_all_fit(flat, kind, found) for kind in found):
                self.budget.spend(ITEM * len(flat) + _length_of_texts(flat, found))
                return flat  # type: ignore[return-value]
        return [self.encode(value) for value in values]

    def plain(self, values: Collection[object]) -> list[Json]:
        """The same where none may be a reference. Raises CannotCross or NotByValue."""
        self._whole += 1
        try:
            return self.items(values)
        finally:
            self._whole -= 1

    def bytes(self, data: memoryview) -> Json:
        """Raw bytes. Raises CannotCross."""
        if self.send_file is None or data.nbytes < LEAST_BYTES:
            self.budget.spend(data.nbytes)
            return binascii.b2a_base64(data, newline=False).decode("ascii")
        self.budget.spend(data.nbytes // BYTES_IN_A_FILE)
        return {"file": self.send_file(sealed(data))}

    def _by_value(self, value: object, kind: type) -> Json:
        encode = kinds.encoder_of(kind)
        if encode is None:
            return self._reference(value)
        count, depth = len(self._sent), self.budget.depth
        try:
            data = encode(self, value)
            if type(data) is dict:
                self.budget.spend(COSTS.get(next(iter(data)), 0))
            return data
        except NotByValue:
            self.budget.depth = depth
            while len(self._sent) > count:  # parts of what does not cross after all
                self._sent.popitem()
            return self._reference(value)

    def _reference(self, value: object) -> Json:
        if self._whole:
            raise NotByValue
        if id(value) not in self._references:
            self._references[id(value)] = value, self.refer(value)
        return self._references[id(value)][1]

    def _remember(self, value: object, data: Json, cost: int) -> Json:
        """Give the value its number, where the decoder will count it, too."""
        if type(data) is dict:
            inner = data.get("inexact", data)
            if type(inner) is dict and next(iter(inner)) not in kinds.MUTABLE:
                return data
        elif type(data) is not list:
            return data
        self._sent[id(value)] = value, len(self._sent), cost
        if self.earlier is None:
            return data
        again = id(value) in self.earlier
        self.earlier.add(id(value))
        return inexactly(data) if again else data


def _fits(value: object) -> bool:
    """Whether JSON holds a value of these types as it is."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is not int or -LARGEST_IN_JSON < value < LARGEST_IN_JSON


def _all_fit(values: list[object], kind: type, found: set[type]) -> bool:
    """Whether JSON holds all those of this type as they are."""
    if kind is not int and kind is not float:
        return True
    these: Any = values if len(found) == 1 else [value for value in values if type(value) is kind]
    if kind is float:
        return all(map(math.isfinite, these))
    return min(these) > -LARGEST_IN_JSON and max(these) < LARGEST_IN_JSON


def _length_of_texts(values: list[object], found: set[type]) -> int:
    if str not in found:
        return 0
    texts: Any = values if len(found) == 1 else [value for value in values if type(value) is str]
    return sum(map(len, texts))


__all__ = ["CannotCross", "Encoder", "Refer", "SendFile"]
