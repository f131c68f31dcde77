"""Several values in order: a list, a tuple or an array, compared leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autograder.core.kinds.form import Form, FormJson, Leaf, LeafForm, Misfit, Plain
from autograder.core.kinds.true_types import describe, is_a, items_of, without_numpy


@dataclass(frozen=True)
class SequenceForm(Form):
    """The forms of the items, in order."""

    parts: tuple[Form, ...]

    words = "a list"

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> SequenceForm | None:
        """The form of a list or tuple."""
        items = items_of(value)
        return None if items is None else cls(tuple(map(form_of, items)))

    @classmethod
    def from_json(cls, data: object, form_from_json: Callable[[object], Form]) -> SequenceForm | None:
        """The form of a list of forms."""
        return cls(tuple(map(form_from_json, data))) if isinstance(data, list) else None

    def to_json(self) -> FormJson:
        """A list of forms."""
        return [part.to_json() for part in self.parts]

    def leaf_forms(self) -> tuple[LeafForm, ...]:
        """Those of all items, one after the other."""
        return tuple(leaf for part in self.parts for leaf in part.leaf_forms())

    def leaves(self, value: object) -> Iterator[Leaf]:
        """Those of all items. Raises Misfit also where there are more or fewer items."""
        value = without_numpy(value)
        items = items_of(value)
        if items is None:
            raise Misfit(f"a sequence of {len(self.parts)} values, got {describe(value)}")
        found = list(items)
        if len(found) != len(self.parts):
            raise Misfit(f"{len(self.parts)} values, got {len(found)}")
        for part, item in zip(self.parts, found, strict=True):
            yield from part.leaves(item)

    def plain(self, value: object) -> Plain:
        """A list, or a tuple where it was one."""
        return self._each(value, lambda part, item: part.plain(item))

    def graded(self, value: object, tolerance: float) -> Plain:
        """Each item as it is written down."""
        return self._each(value, lambda part, item: part.graded(item, tolerance))

    def _each(self, value: object, made: Callable[[Form, object], Plain]) -> Plain:
        value = without_numpy(value)
        found = [made(part, item) for part, item in zip(self.parts, items_of(value) or (), strict=True)]
        return tuple(found) if is_a(value, tuple) else found

    def literal(self, value: object) -> str:
        """The items in brackets."""
        value = without_numpy(value)
        items = [part.literal(item) for part, item in zip(self.parts, items_of(value) or (), strict=True)]
        return brackets(items, is_a(value, tuple))


def brackets(items: list[str], is_tuple: bool) -> str:
    """The source of a list, or of a tuple, from that of its items."""
    inner = ", ".join(items)
    return f"({inner}{',' if len(items) == 1 else ''})" if is_tuple else f"[{inner}]"
