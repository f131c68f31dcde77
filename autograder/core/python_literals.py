"""A value as Python source, as the built notebooks and the reports write it."""

from __future__ import annotations

import math
from typing import Any


def literal(value: Any) -> str:
    """`value` as Python source; infinities as float("inf")."""
    if isinstance(value, list | tuple):
        inner = ", ".join(map(literal, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, float) and math.isinf(value):
        return f'float("{value}")'
    return number(value) if isinstance(value, float) else repr(value)


def number(value: float) -> str:
    """A float without an exponent where that is short: 0.000001, not 1e-06."""
    text = repr(value)
    if "e-" in text and value > 1e-12:
        return f"{value:.15f}".rstrip("0")
    return text
