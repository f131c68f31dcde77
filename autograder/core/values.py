"""Values that learners and authors type: when two are the same, and how one is written down."""

from __future__ import annotations

from autograder.core.kinds.form import Misfit, Plain
from autograder.core.kinds.number import NumberForm
from autograder.core.kinds.registry import form_of


def is_blank(value: object) -> bool:
    """Whether `value` is a stub that nobody filled in: `...`, None, or a sequence that still holds one."""
    if value is None or value is ...:
        return True
    if type(value) is not list and type(value) is not tuple:
        return False
    return len(value) < 1000 and any(item is None or item is ... for item in value)


def near(value: float, reference: float, within: float) -> bool:
    """Whether two numbers are the same: at most `within` apart (absolute); infinities by equality.

    Args:
        value: One number.
        reference: The other.
        within: The tolerance.
    """
    return NumberForm().near(value, reference, within)


def same(value: object, reference: object, within: float = 0.0) -> bool:
    """Whether `value` is the answer `reference`, leaf by leaf, by the judge's own type rule.

    A bool is no number, nan is nothing, a list, tuple and array are alike.

    Args:
        value: What a learner gave, of any type. One without the form of the reference is not the same.
        reference: The right answer. Its form says what is asked for.
        within: How far two numbers may be apart (absolute).

    Returns:
        Whether each leaf of `value` is near enough.

    Raises:
        TypeError: `reference` is no answer.
    """
    form = form_of(reference)
    try:
        leaves = zip(form.leaf_forms(), form.leaves(value), form.leaves(reference), strict=True)
        return all(kind.near(leaf, wanted, within) for kind, leaf, wanted in leaves)
    except Misfit:
        return False


def plain(value: object) -> Plain:
    """`value` as Python scalars, lists and dicts. Raises TypeError where it cannot be an answer."""
    return form_of(value).plain(value)


def graded(value: object, tolerance: float) -> Plain:
    """`value` as it is written down: plain, its numbers on the grid of `tolerance` (see `core.kinds.grid`).

    The seal, the hidden assert and every other place that writes a value read this function's.
    """
    return form_of(value).graded(value, tolerance)
