"""One message, from JSON data to values of this process's own classes.

The data was written by a process in which a student's code runs: every check is here, and before a class is
called with what was sent. Sizes are counted as if all aliases were copies. A value can only repeat one that
is complete, so there are no cycles.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any

from autograder.grading.values import kinds
from autograder.grading.values.budget import (
    BYTES_IN_A_FILE,
    COSTS,
    ITEM,
    MOST_BITS,
    Budget,
    CannotCross,
    small,
)
from autograder.grading.values.coding import Buffer, only, whole
from autograder.grading.values.memory_files import mapped

Resolve = Callable[[dict[str, Any]], Any]
"""Makes a value of a reference that the other side sent."""
TakeFile = Callable[[int], int]
"""The descriptor of the memory file that was sent under this number."""

_AS_THEY_ARE = frozenset({type(None), bool, int, float, str})
_FEW = 8
"""Fewer values are quicker looked at one by one."""


class _Unresolved(Exception):
    """A reference was refused; `args` holds the caller's own exception."""


class Decoder:
    """Decodes messages; `resolve` is asked for each reference.

    `exact` says of the last message whether all of its values crossed exactly: none as a reference, as
    another class or without some part, none as the second copy of a value that an earlier message brought.
    The other process can clear it as it likes, and cannot set it for a value that this one had to change.
    """

    def __init__(self, resolve: Resolve, take_file: TakeFile | None = None):
        self.resolve = resolve
        self.take_file = take_file
        self._begin()

    def _begin(self) -> None:
        self.budget = Budget()
        self.exact = True
        self._made: list[tuple[object, int]] = []
        self._whole = 0

    def decode(self, data: object) -> object:
        """The value that one message encodes. Raises CannotCross for anything that no encoder writes."""
        self._begin()
        try:
            return self.value(data)
        except CannotCross:
            raise
        except _Unresolved as refused:
            raise refused.args[0] from None
        except Exception as error:  # of any library, about parts that do not fit
            raise CannotCross(f"a malformed value: {type(error).__name__}") from None
        finally:
            self._made = []

    def value(self, data: object) -> object:
        """A value inside a message. Raises CannotCross."""
        kind = type(data)
        budget = self.budget
        if kind in _AS_THEY_ARE:
            budget.spend(ITEM + len(data) if kind is str else ITEM)  # type: ignore[arg-type]
            return small(data) if kind is int else data  # type: ignore[arg-type]
        before = budget.spent
        budget.enter()
        found: object
        mutable = True
        if kind is list:
            found = self.items(data)
        else:
            found, mutable = self._made_of(only(data, dict))
        budget.depth -= 1
        if mutable:
            self._made.append((found, budget.spent - before))
        return found

    def items(self, data: object) -> list[object]:
        """Each value of a list of them. Raises CannotCross."""
        values = only(data, list)
        if len(values) < _FEW:
            return [self.value(item) for item in values]
        found = set(map(type, values))
        if not found <= _AS_THEY_ARE:
            return [self.value(item) for item in values]
        if str in found:
            self.budget.spend(sum(len(item) for item in values if type(item) is str))
        if int in found and any(item.bit_length() > MOST_BITS for item in values if type(item) is int):
            raise CannotCross("an integer too large to be graded")
        self.budget.spend(ITEM * len(values))
        return values[:]

    def plain(self, data: object) -> list[object]:
        """The same where none may be a reference, nor hold one. Raises CannotCross."""
        self._whole += 1
        found = self.items(data)
        self._whole -= 1
        return found

    def bytes(self, data: object, length: int) -> Buffer:
        """Raw bytes of exactly that length; a memoryview may be written to. Raises CannotCross."""
        if type(data) is str:
            self.budget.spend(length)
            if len(data) != (length + 2) // 3 * 4:
                raise CannotCross("bytes of another number")
            found = binascii.a2b_base64(data, strict_mode=True)
            if len(found) != length:
                raise CannotCross("bytes of another number")
            return found
        number = whole(only(data, dict).get("file"), 0, 1 << 30)
        self.budget.spend(length // BYTES_IN_A_FILE)
        if self.take_file is None or length == 0:
            raise CannotCross("a memory file that was not sent")
        return mapped(self.take_file(number), length)

    def _made_of(self, data: dict[str, Any]) -> tuple[object, bool]:
        """The value, and whether later parts of the message may repeat it by its number."""
        if "ref" in data or "callback" in data:
            return self._referred(data), False
        if len(data) != 1:
            raise CannotCross("an unknown kind of value")
        ((name, body),) = data.items()
        if name == "same":
            found, cost = self._made[whole(body, 0, len(self._made) - 1)]
            self.budget.spend(cost)
            return found, False
        if name == "inexact":
            self.exact = False
            return self.value(body), False
        make = kinds.MAKERS.get(name)
        if make is None:
            raise CannotCross("an unknown kind of value")
        self.budget.spend(COSTS.get(name, 0))
        return make(self, body), name in kinds.MUTABLE

    def _referred(self, data: dict[str, Any]) -> object:
        if self._whole:
            raise CannotCross("a reference where there can be none")
        self.exact = False
        try:
            return self.resolve(data)
        except Exception as error:
            raise _Unresolved(error) from None
