"""Plain values: what an answer may be, when two are the same, and how they are written in JSON.

numpy is never imported here. Where a learner has loaded it, its scalars and arrays are understood.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from autograder.core.grid import on_grid
from autograder.core.model import Form
from autograder.core.typed import advice

Leaf = float | int | str | bool


class Misfit(Exception):
    """A value is not of the form asked for; the message completes "expected …"."""


def is_blank(value: Any) -> bool:
    """Whether `value` is a stub that nobody filled in: `...`, None, or a sequence that still holds one."""
    if value is None or value is ...:
        return True
    return type(value) in (list, tuple) and len(value) < 1000 and any(v is None or v is ... for v in value)


def form_of(reference: Any) -> Form:
    """The form of a reference value: "bool", "integer", "number", "choice", or a list or dict of forms.

    Raises TypeError for a value that cannot be an answer (a complex number, nan, an object).
    """
    value = _to_plain(reference)
    for kinds, form in ((bool, "bool"), (int, "integer"), (_REAL, "number"), (str, "choice")):
        if _is(value, kinds):
            if form == "number" and math.isnan(value):
                raise TypeError("nan cannot be an answer")
            return form
    if _is(value, (list, tuple)):
        return [form_of(item) for item in value]
    if _is(value, dict):
        return {str(key): form_of(item) for key, item in value.items()}
    raise TypeError(f"{describe(value)} cannot be an answer")


def leaves(value: Any, form: Form) -> list[Leaf]:
    """The leaves of `value` in the order of `form`, as plain Python scalars. Raises Misfit.

    Trusts no method of the value's own class: a subclass with lying operators is read by its true value.
    """
    return list(_leaves(value, form))


def _leaves(value: Any, form: Form) -> Iterator[Leaf]:
    value = _to_plain(value)
    if isinstance(form, str):
        yield _SCALARS[form](value)
    elif isinstance(form, dict):
        if not _is(value, dict):
            raise Misfit(f"a dict with the keys {', '.join(form)}, got {describe(value)}")
        items = dict(dict.items(value))
        if {key for key in items if type(key) is str} != set(form) or len(items) != len(form):
            raise Misfit(f"a dict with the keys {', '.join(form)}, got other keys")
        for key, item in form.items():
            yield from _leaves(items[key], item)
    else:
        if not _is(value, (list, tuple)):
            raise Misfit(f"a sequence of {len(form)} values, got {describe(value)}")
        parts = list(list.__iter__(value)) if _is(value, list) else list(tuple.__iter__(value))
        if len(parts) != len(form):
            raise Misfit(f"{len(form)} values, got {len(parts)}")
        for part, part_form in zip(parts, form, strict=True):
            yield from _leaves(part, part_form)


def _number(value: Any) -> float:
    if _is(value, bool) or not _is(value, (int, *_REAL)):
        hint = advice(value)
        raise Misfit(f"one number, got {describe(value)}{f'. {hint}' if hint else ''}")
    if _is(value, float):
        number = float.__add__(value, 0.0)
    else:
        kind = next(kind for kind in (int, Fraction, Decimal) if _is(value, kind))
        try:
            number = kind.__float__(value)
        except OverflowError:
            number = math.inf if kind.__gt__(value, 0) else -math.inf
    if math.isnan(number):
        raise Misfit(
            "one number, got nan (not a number: look for 0/0, 0 times log 0, inf - inf or log of a negative)"
        )
    return number


def _integer(value: Any) -> float | int:
    if _is(value, int) and not _is(value, bool):
        return int.__add__(value, 0)
    number = _number(value)
    return int(number) if number.is_integer() else number


def _choice(value: Any) -> str:
    if not _is(value, str):
        raise Misfit(f"one of the options in quotes, got {describe(value)}")
    return str.casefold(str.strip(value))


def _bool(value: Any) -> bool:
    if type(value) is not bool:
        raise Misfit(f"True or False, got {describe(value)}")
    return value


_REAL = (float, Fraction, Decimal)
_SCALARS = {"number": _number, "integer": _integer, "choice": _choice, "bool": _bool}


def _is(value: Any, kinds: type | tuple[type, ...]) -> bool:
    """isinstance by the true type: a value's own __class__ is not asked."""
    return issubclass(type(value), kinds)


def _to_plain(value: Any) -> Any:
    """numpy's scalars and arrays as Python's scalars and nested lists; anything else as it is."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not hasattr(numpy, "ndarray"):
        return value
    if _is(value, numpy.generic):
        item = numpy.generic.item(value)
        return float(item) if _is(item, numpy.floating) else item  # a longdouble's item is itself
    if _is(value, numpy.ndarray):
        return numpy.ndarray.tolist(value)
    return value


def near(value: Leaf, reference: Leaf, within: float) -> bool:
    """Whether two leaves are the same. Numbers: at most `within` apart (absolute); infinities by equality."""
    if isinstance(reference, str):
        return isinstance(value, str) and value == str.casefold(str.strip(reference))
    if isinstance(value, str) or isinstance(value, bool) != isinstance(reference, bool):
        return False
    if isinstance(reference, bool) or value in (math.inf, -math.inf) or reference in (math.inf, -math.inf):
        return value == reference
    return abs(value - reference) <= within


def same(value: Any, reference: Any, within: float = 0.0) -> bool:
    """Whether `value` is the answer `reference`, leaf by leaf, at most `within` apart (absolute).

    The type rule is the judge's own: a bool is no number, nan is nothing, a list, tuple and array are alike.
    Never raises for a wrong `value`: what has not the form of the reference is not the same.
    """
    form = form_of(reference)
    try:
        pairs = zip(leaves(value, form), leaves(reference, form), strict=True)
        return all(near(leaf, wanted, within) for leaf, wanted in pairs)
    except Misfit:
        return False


def plain(value: Any) -> Any:
    """`value` as Python scalars, lists and dicts, in place of numpy's types, fractions and decimals."""
    value = _to_plain(value)
    if isinstance(value, list | tuple):
        return type(value)(plain(item) for item in value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if isinstance(value, bool | int | str) else float(value)


def graded(value: Any, tolerance: float) -> Any:
    """`value` as it is written down: plain, its numbers on the grid of `tolerance` (see `core.grid`).

    The seal, the hidden assert and every other place that writes a value read this function's.
    """
    found = plain(value)
    if isinstance(found, list | tuple):
        return type(found)(graded(item, tolerance) for item in found)
    if isinstance(found, dict):
        return {key: graded(item, tolerance) for key, item in found.items()}
    return on_grid(found, tolerance) if isinstance(found, float) else found


def to_json(leaf: Leaf) -> Leaf:
    """A leaf as JSON can hold it: infinities become text that no option can be."""
    return f"\0{leaf}" if isinstance(leaf, float) and math.isinf(leaf) else leaf


def from_json(leaf: Leaf) -> Leaf:
    """The leaf that `to_json` wrote."""
    return float(leaf[1:]) if isinstance(leaf, str) and leaf.startswith("\0") else leaf


def describe(value: Any) -> str:
    """A few words for what `value` is. Calls no code of the value's own class."""
    kind = type(value)
    numpy = sys.modules.get("numpy")
    if kind is bool:
        return f"the truth value {value}"
    if kind is str:
        return f"text {value[:20]!r}" + ("…" if len(value) > 20 else "")
    if kind in (list, tuple, set, dict):
        return f"a {kind.__name__} of {len(value)} value{'' if len(value) == 1 else 's'}"
    if numpy is not None and issubclass(kind, getattr(numpy, "ndarray", ())):
        return f"an array of shape {numpy.ndarray.shape.__get__(value)}"
    if issubclass(kind, complex):
        return "a complex number"
    if kind.__name__ in ("function", "builtin_function_or_method", "method", "ufunc"):
        return "a function (call it, and give its value)"
    return f"a value of type {kind.__name__[:30]}"
