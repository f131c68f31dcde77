"""True or False."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from autograder.core.kinds.form import Form, Leaf, LeafForm, Misfit, Plain
from autograder.core.kinds.true_types import describe, is_a, without_numpy


@dataclass(frozen=True)
class TruthForm(LeafForm):
    """A truth value. 0 and 1 are none."""

    words = "a bool"
    name = "bool"

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> Self | None:
        """The form of True and False."""
        return cls() if is_a(value, bool) else None

    def leaf(self, value: object) -> Leaf:
        """The truth value."""
        if type(value) is not bool:
            raise Misfit(f"True or False, got {describe(value)}")
        return value

    def plain(self, value: object) -> Plain:
        """The truth value."""
        return self.leaf(without_numpy(value))
