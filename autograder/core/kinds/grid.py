"""The decimal grid on which every number is put before it is written down.

Two machines compute the same number with other last bits: another BLAS kernel adds in another order, another
libm rounds otherwise. On a grid far coarser than those bits, and far finer than the tolerance, both write the
same number, so that a build gives the same bytes everywhere.

A grid has edges, and a value that lies on one may still fall to either side. Edges between two neighbours
therefore stand at 0.618... of the way, the golden section: of all places the one that halves, thirds, and
other simple fractions of a step come least near to (Hurwitz, 1891).
"""

from __future__ import annotations

import math
from decimal import Decimal

EDGE = (math.sqrt(5) - 1) / 2
"""Where, between a point of the grid and the next, rounding up begins."""

DIGITS = 11
"""No value is written with more significant digits: what stands beyond them is rounding already."""

FINEST = 1e-7
"""The smallest tolerance of a value above `SMALL`; a finer grid would lie among the last bits."""

SMALL = 0.1


def decimals(value: float, tolerance: float) -> int:
    """How many decimals the grid has at `value`: a hundredth of `tolerance`, at most `DIGITS` digits in all.

    Negative where a whole number's last digits are zeros.
    """
    wanted = 2 - Decimal(repr(tolerance)).adjusted()
    return min(wanted, DIGITS - 1 - Decimal(repr(value)).adjusted()) if value else wanted


def on_grid(value: float, tolerance: float) -> float:
    """The point of the grid that `value` belongs to, or `value` where it is infinite or `tolerance` is 0."""
    if tolerance <= 0 or not math.isfinite(value):
        return value
    places = decimals(value, tolerance)
    return round(value - (EDGE - 0.5) * 10.0**-places, places) + 0.0  # + 0.0 turns -0.0 into 0.0


def to_edge(value: float, tolerance: float) -> float:
    """How far `value` is from the nearest edge of its grid; infinite where it has none."""
    if tolerance <= 0 or not math.isfinite(value):
        return math.inf
    step = 10.0 ** -decimals(value, tolerance)
    inside = value / step - math.floor(value / step)
    return min(abs(inside - EDGE), abs(inside - EDGE + 1), abs(inside - EDGE - 1)) * step


def misfit(value: float, tolerance: float) -> str:
    """Why `value` cannot be told with `tolerance` on every machine, and what to do; '' where it can."""
    if tolerance <= 0 or not math.isfinite(value):
        return ""
    if tolerance < FINEST and abs(value) > SMALL:
        return f"a tolerance of {tolerance:g} is too fine for {value:.6g}; the finest is {FINEST:g}"
    if 10.0 ** -decimals(value, tolerance) > tolerance / 10:
        return f"{value:.6g} is too large for a tolerance of {tolerance:g}: rounding alone moves it so far"
    return ""
