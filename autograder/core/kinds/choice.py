"""One of a few words, compared without regard to case and surrounding blanks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from autograder.core.kinds.form import Form, Leaf, LeafForm, Misfit, Plain
from autograder.core.kinds.true_types import describe, is_a, without_numpy


@dataclass(frozen=True)
class ChoiceForm(LeafForm):
    """Text that is one of the options which the exercise lists."""

    words = "a choice"
    name = "choice"
    has_options = True

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> Self | None:
        """The form of any text."""
        return cls() if is_a(value, str) else None

    def leaf(self, value: object) -> Leaf:
        """The text in lower case."""
        if not is_a(value, str):
            raise Misfit(f"one of the options in quotes, got {describe(value)}")
        return str.casefold(str.strip(value))

    def plain(self, value: object) -> Plain:
        """The text as it was written."""
        return f"{without_numpy(value)}"

    def is_option(self, leaf: Leaf, options: frozenset[str]) -> bool:
        """Whether it is one of them."""
        return leaf in options
