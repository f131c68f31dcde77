"""A real number, infinities among them, within an absolute tolerance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Self

from autograder.core.kinds.form import Form, Leaf, LeafForm, Misfit, Plain
from autograder.core.kinds.grid import on_grid
from autograder.core.kinds.true_types import describe, is_a, without_numpy
from autograder.core.kinds.typed_numbers import advice

CLOSE_WITHIN = 10
"""A wrong number at most this many tolerances from the reference is "close"."""


@dataclass(frozen=True)
class NumberForm(LeafForm):
    """A number; ints, fractions, decimals and numpy's numbers are taken as floats."""

    words = "a number"
    name = "number"
    has_tolerance = True

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> Self | None:
        """The form of a number that is no int. Raises TypeError for nan."""
        if not (is_a(value, float) or is_a(value, Fraction) or is_a(value, Decimal)):
            return None
        if math.isnan(value):
            raise TypeError("nan cannot be an answer")
        return cls()

    def leaf(self, value: object) -> Leaf:
        """The number as a float."""
        return real(value)

    def plain(self, value: object) -> Plain:
        """The number as a float."""
        number = without_numpy(value)
        return number if type(number) is float else real(number)

    def graded(self, value: object, tolerance: float) -> Plain:
        """The number on the grid of `tolerance` (see `core.kinds.grid`)."""
        return on_grid(real(without_numpy(value)), tolerance)

    def literal(self, value: object) -> str:
        """Without an exponent where that is short: 0.000001, not 1e-06; infinities as float("inf")."""
        number = real(without_numpy(value))
        text = repr(number)
        if math.isinf(number):
            return f'float("{number}")'
        return f"{number:.15f}".rstrip("0") if "e-" in text and number > 1e-12 else text

    def neighbours(self, value: Plain, tolerance: float) -> Iterator[Plain]:
        """Also the floats at and just beyond ± `tolerance` from it."""
        yield value
        if isinstance(value, float) and math.isfinite(value):
            for edge in (value - tolerance, value + tolerance):
                yield from (edge, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf))

    def near(self, leaf: Leaf, reference: Leaf, within: float) -> bool:
        """Whether two numbers are the same. Infinities are by equality; a truth value is no number.

        Args:
            leaf: A learner's number.
            reference: The right one, or a mistake's.
            within: How far they may be apart (absolute).
        """
        if isinstance(leaf, bool | str) or isinstance(reference, bool | str):
            return False
        if leaf in (math.inf, -math.inf) or reference in (math.inf, -math.inf):
            return leaf == reference
        return abs(leaf - reference) <= within

    def bucket(self, leaf: Leaf, within: float) -> str | None:
        """Buckets are 2 · `within` wide."""
        if isinstance(leaf, bool | str):
            return None
        if isinstance(leaf, float) and math.isinf(leaf):
            return repr(leaf)
        try:
            return str(math.floor(leaf / (2 * within)))
        except OverflowError:  # an int that is no float, or a float that has no bucket
            return None

    def buckets_near(self, exact: Leaf, within: float) -> list[str]:
        """One or two; more where floats lie further apart than buckets."""
        return self._buckets(exact, within, reach=1)

    def buckets_close(self, exact: Leaf, within: float) -> list[str]:
        """Up to `CLOSE_WITHIN` tolerances away."""
        return self._buckets(exact, within, reach=CLOSE_WITHIN)

    def _buckets(self, exact: Leaf, within: float, reach: float) -> list[str]:
        bucket = self.bucket(exact, within)
        if bucket is None or isinstance(exact, str):
            raise ValueError(f"{exact!r} is too large for a tolerance of {within}")
        if math.isinf(exact):
            return [bucket] if reach == 1 else []
        # The margin covers the rounding of leaf - reference in `near`, so that no accepted float is left out.
        margin = 4 * math.ulp(exact)
        if margin > within:  # a huge value: floats lie further apart than buckets, and only a few are near it
            beside = (exact + steps * math.ulp(exact) for steps in range(-4, 5))
            names = {name for value in beside if (name := self.bucket(value, within))}
            return sorted(names) if reach == 1 else []
        half = reach * within * (1 + 1e-9) + margin
        first, last = (math.floor((exact + side * half) / (2 * within)) for side in (-1, 1))
        return [str(number) for number in range(first, last + 1)]

    def encode(self, leaf: Leaf) -> Leaf:
        """Infinities become text."""
        return f"\0{leaf}" if isinstance(leaf, float) and math.isinf(leaf) else leaf

    def decode(self, leaf: Leaf) -> Leaf:
        """Text becomes an infinity."""
        return float(leaf[1:]) if isinstance(leaf, str) else leaf

    def unslipped(self, leaf: Leaf, undo: Callable[[float], float]) -> Leaf | None:
        """The number before the slip."""
        return None if isinstance(leaf, str) else undo(leaf)

    def told_by(self, leaf: Leaf) -> float | str | None:
        """The number itself."""
        return leaf


def real(value: object) -> float:
    """A number of any type as a float; one too large is infinite. Raises Misfit."""
    number = _float(value)
    if number is None:
        hint = advice(value)
        raise Misfit(f"one number, got {describe(value)}{f'. {hint}' if hint else ''}")
    if math.isnan(number):
        raise Misfit(
            "one number, got nan (not a number: look for 0/0, 0 times log 0, inf - inf or log of a negative)"
        )
    return number


def _float(value: object) -> float | None:
    if is_a(value, bool):
        return None
    if is_a(value, float):
        return float.__add__(value, 0.0)
    try:
        if is_a(value, int):
            return int.__float__(value)
        if is_a(value, Fraction):
            return Fraction.__float__(value)
    except OverflowError:
        if is_a(value, Fraction):
            return -math.inf if Fraction.__lt__(value, 0) else math.inf
        return -math.inf if is_a(value, int) and int.__lt__(value, 0) else math.inf
    if is_a(value, Decimal):
        return math.nan if Decimal.is_nan(value) else Decimal.__float__(value)  # a signaling nan has no float
    return None
