"""A value as Python source, as the built notebooks and the reports write it."""

from __future__ import annotations

from autograder.core.kinds.mapping import braces
from autograder.core.kinds.number import NumberForm
from autograder.core.kinds.registry import form_of
from autograder.core.kinds.sequence import brackets


def literal(value: object) -> str:
    """`value` as Python source, infinities as float("inf"); what can be no answer as Python shows it."""
    try:
        return form_of(value).literal(value)
    except TypeError:
        pass
    if isinstance(value, list | tuple):  # with a part that can be no answer
        return brackets([literal(item) for item in value], isinstance(value, tuple))
    if isinstance(value, dict):
        return braces({repr(key): literal(item) for key, item in value.items()})
    return repr(value)


def number(value: float) -> str:
    """A float without an exponent where that is short: 0.000001, not 1e-06."""
    return NumberForm().literal(value)
