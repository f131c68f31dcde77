"""What the tables of kinds ask of the encoder and the decoder that run them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from autograder.grading.values.budget import Budget, CannotCross

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Order: TypeAlias = Literal["C", "F"]
Buffer: TypeAlias = bytes | memoryview
T = TypeVar("T")


class NotByValue(Exception):
    """A part of a value crosses only as a reference, so the whole does. Never leaves the encoder."""


class Encodes(Protocol):
    """The encoder, as the encoding of one kind of value sees it."""

    budget: Budget

    def encode(self, value: object) -> Json:
        """A value inside the one at hand. Raises CannotCross."""

    def items(self, values: Collection[object]) -> list[Json]:
        """Each of the values inside the one at hand. Raises CannotCross."""

    def plain(self, values: Collection[object]) -> list[Json]:
        """The same where none may be a reference, nor hold one. Raises CannotCross or NotByValue."""

    def bytes(self, data: memoryview) -> Json:
        """Raw bytes, by themselves or in a memory file. Raises CannotCross."""


class Decodes(Protocol):
    """The decoder, as the making of one kind of value sees it."""

    budget: Budget
    exact: bool

    def value(self, data: object) -> object:
        """A value inside the one at hand. Raises CannotCross."""

    def items(self, data: object) -> list[object]:
        """Each value of a list of them. Raises CannotCross."""

    def plain(self, data: object) -> list[object]:
        """The same where none may be a reference, nor hold one. Raises CannotCross."""

    def bytes(self, data: object, length: int) -> Buffer:
        """Raw bytes of exactly that length; a memoryview may be written to. Raises CannotCross."""


Encode: TypeAlias = Callable[[Encodes, Any], Json]
"""Of one type: each function in the table says which."""
Make: TypeAlias = Callable[[Decodes, object], object]


def only(data: object, kind: type[T]) -> T:
    """`data`, if it is exactly of that type. Raises CannotCross."""
    if type(data) is not kind:
        raise CannotCross(f"not a {kind.__name__}")
    return data


def parts(data: object, count: int) -> Sequence[object]:
    """The parts of a body, if there are so many. Raises CannotCross."""
    found = only(data, list)
    if len(found) != count:
        raise CannotCross(f"not {count} parts")
    return found


def text(data: object, longest: int = 1000) -> str:
    """A short text. Raises CannotCross."""
    found = only(data, str)
    if len(found) > longest:
        raise CannotCross("a name too long")
    return found


def inexactly(data: Json) -> Json:
    """Encoded, but as something that the original is only nearly: another class, or without some part."""
    return {"inexact": data}


def whole(data: object, least: int, most: int) -> int:
    """An integer within bounds.

    Args:
        data: The part of the message.
        least: The least that it may be.
        most: The most that it may be.

    Raises:
        CannotCross: It is no such integer.
    """
    found = only(data, int)
    if not least <= found <= most:
        raise CannotCross("a number out of bounds")
    return found


def chosen(data: object, table: dict[str, T]) -> T:
    """What the table has under this text. Raises CannotCross."""
    found = only(data, str)
    if found not in table:
        raise CannotCross("a name that is not in the table")
    return table[found]
