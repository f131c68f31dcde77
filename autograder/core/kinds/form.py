"""The form of an answer: everything that the judge, the seal, the build and `verify` ask of its kind.

A form is a leaf (a number, a choice) or made of other forms (a list of numbers). A kind of leaf is a subclass
of `LeafForm` that overrides what is not as for plain text: the methods here compare exactly.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from autograder.core.kinds.true_types import without_numpy

Leaf = bool | int | float | str
"""What one leaf of an answer is compared and sealed as."""
Plain = Leaf | list["Plain"] | tuple["Plain", ...] | dict[str, "Plain"]
"""A value in Python's own types, which JSON can hold: it goes to files and to other processes."""
FormJson = str | list["FormJson"] | dict[str, "FormJson"]


class Misfit(Exception):
    """A value is not of the form asked for; the message completes "expected …"."""


@dataclass(frozen=True)
class Form(ABC):
    """The form of one answer."""

    words: ClassVar[str]
    """What an author may answer with, as "a number"."""

    @classmethod
    @abstractmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> Form | None:
        """The form of a reference, which has no type of numpy's; None where it is of another kind.

        It must know `plain(value)` again as well. `form_of` gives the forms of the parts. Raises TypeError
        where the value can be no answer.
        """

    @classmethod
    @abstractmethod
    def from_json(cls, data: object, form_from_json: Callable[[object], Form]) -> Form | None:
        """The form that `to_json` wrote; None where it is of another kind."""

    @abstractmethod
    def to_json(self) -> FormJson:
        """The form as lesson.json holds it."""

    @abstractmethod
    def leaf_forms(self) -> tuple[LeafForm, ...]:
        """The forms of the leaves, in order."""

    @abstractmethod
    def leaves(self, value: object) -> Iterator[Leaf]:
        """The leaves of a value of any type, in the same order. Raises Misfit.

        Trusts no method of the value's own class: a subclass with lying operators is read by its true value.
        """

    @abstractmethod
    def plain(self, value: object) -> Plain:
        """A value of this form, an author's, in Python's own types."""

    @abstractmethod
    def graded(self, value: object, tolerance: float) -> Plain:
        """A value of this form as it is written down: plain, its numbers on the grid of `tolerance`."""

    @abstractmethod
    def literal(self, value: object) -> str:
        """A value of this form as Python source, for hidden tests and for what an author pastes."""

    def neighbours(self, value: Plain, tolerance: float) -> Iterator[Plain]:
        """`value`, and the values at which check and hidden test could come to disagree on it."""
        yield value

    @property
    def needs_tolerance(self) -> bool:
        """Whether some leaf is compared within a tolerance."""
        return any(leaf.has_tolerance for leaf in self.leaf_forms())


@dataclass(frozen=True)
class LeafForm(Form):
    """The form of a single value. What a kind does not override compares exactly, as text does."""

    name: ClassVar[str]
    """What lesson.json calls it."""
    has_tolerance: ClassVar[bool] = False
    has_options: ClassVar[bool] = False
    """Whether its exercise must list options to choose from."""

    @abstractmethod
    def leaf(self, value: object) -> Leaf:
        """A value of any type, without numpy's, as a leaf. Raises Misfit."""

    def near(self, leaf: Leaf, reference: Leaf, within: float) -> bool:
        """Whether two leaves are the same.

        Args:
            leaf: A learner's leaf.
            reference: The right one, or a mistake's.
            within: The tolerance (absolute), 0.0 where the answer has none.
        """
        return type(leaf) is type(reference) and leaf == reference

    def bucket(self, leaf: Leaf, within: float) -> str | None:
        """The name of the seal's bucket that a leaf falls into; None where no record can be."""
        return repr(leaf)

    def buckets_near(self, exact: Leaf, within: float) -> list[str]:
        """Every bucket with a leaf that is `near` the exact one. Raises ValueError where there is none."""
        return [repr(exact)]

    def buckets_close(self, exact: Leaf, within: float) -> list[str]:
        """Every bucket with a leaf that is close to the exact one: wrong, perhaps by rounding alone."""
        return []

    def encode(self, leaf: Leaf) -> Leaf:
        """A leaf as JSON can hold it."""
        return leaf

    def decode(self, leaf: Leaf) -> Leaf:
        """The leaf that `encode` wrote."""
        return leaf

    def is_option(self, leaf: Leaf, options: frozenset[str]) -> bool:
        """Whether a leaf may be chosen of `options`, which are in lower case."""
        return True

    def unslipped(self, leaf: Leaf, undo: Callable[[float], float]) -> Leaf | None:
        """The leaf without a slip that only numbers suffer; None where this is no number."""
        return None

    def told_by(self, leaf: Leaf) -> float | str | None:
        """The number or text that gives a leaf away where it stands in words; None where nothing does."""
        return None

    # What a leaf is as a form without parts.

    @classmethod
    def from_json(cls, data: object, form_from_json: Callable[[object], Form]) -> Self | None:
        """The form of this name."""
        return cls() if data == cls.name else None

    def to_json(self) -> FormJson:
        """The name."""
        return self.name

    def leaf_forms(self) -> tuple[LeafForm, ...]:
        """Itself."""
        return (self,)

    def leaves(self, value: object) -> Iterator[Leaf]:
        """The one leaf."""
        yield self.leaf(without_numpy(value))

    def graded(self, value: object, tolerance: float) -> Plain:
        """The plain value: only numbers are rounded."""
        return self.plain(value)

    def literal(self, value: object) -> str:
        """Python's own source of the plain value."""
        return repr(self.plain(value))
