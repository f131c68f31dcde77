"""A whole number, to be hit exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from autograder.core.kinds.form import Form, Leaf, Plain
from autograder.core.kinds.number import NumberForm, real
from autograder.core.kinds.true_types import is_a, without_numpy

BROKEN = "/"
"""Before the bucket of a number that is not whole, where the answer is: a mistake may well give a half."""
BROKEN_WITHIN = 0.0002
"""The tolerance of such a mistake."""


@dataclass(frozen=True)
class IntegerForm(NumberForm):
    """A whole number; 2.0 is 2. Beside a number, in one list, it shares that one's tolerance."""

    words = "an integer"
    name = "integer"
    has_tolerance = False

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> Self | None:
        """The form of an int."""
        return cls() if is_a(value, int) and not is_a(value, bool) else None

    def leaf(self, value: object) -> Leaf:
        """An int, or a float where the number is not whole."""
        if is_a(value, int) and not is_a(value, bool):
            return int.__add__(value, 0)
        number = real(value)
        return int(number) if number.is_integer() else number

    def plain(self, value: object) -> Plain:
        """The int."""
        return self.leaf(without_numpy(value))

    def graded(self, value: object, tolerance: float) -> Plain:
        """The int: it stands on every grid."""
        return self.plain(value)

    def literal(self, value: object) -> str:
        """All its digits."""
        return repr(self.plain(value))

    def near(self, leaf: Leaf, reference: Leaf, within: float) -> bool:
        """Whether two whole numbers are equal.

        Args:
            leaf: A learner's number.
            reference: The right one, or a mistake's. Two that are not whole have a tolerance of their own.
            within: The tolerance of a list that holds other numbers too, else 0.0.
        """
        broken = within == 0 and _is_broken(leaf) and _is_broken(reference)
        return super().near(leaf, reference, BROKEN_WITHIN if broken else within)

    def bucket(self, leaf: Leaf, within: float) -> str | None:
        """A bucket for each whole number."""
        if within or isinstance(leaf, bool | str) or leaf in (float("inf"), float("-inf")):
            return super().bucket(leaf, within)
        if _is_broken(leaf):
            return f"{BROKEN}{super().bucket(leaf, BROKEN_WITHIN)}"
        try:
            return str(int(leaf))
        except ValueError:  # more digits than Python writes out
            return None

    def _buckets(self, exact: Leaf, within: float, reach: float) -> list[str]:
        if within:
            return super()._buckets(exact, within, reach)
        if reach > 1:
            return []
        if _is_broken(exact):
            return [f"{BROKEN}{name}" for name in super()._buckets(exact, BROKEN_WITHIN, reach)]
        return [name] if (name := self.bucket(exact, within)) else []


def _is_broken(leaf: Leaf) -> bool:
    return isinstance(leaf, float) and not leaf.is_integer() and leaf not in (float("inf"), float("-inf"))
