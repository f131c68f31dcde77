"""Several values by name: a dict, compared leaf by leaf."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from autograder.core.kinds.form import Form, FormJson, Leaf, LeafForm, Misfit, Plain
from autograder.core.kinds.true_types import describe, is_a, without_numpy


@dataclass(frozen=True)
class MappingForm(Form):
    """(key, form) of each value, in the order of the reference."""

    parts: tuple[tuple[str, Form], ...]

    words = "a dict"

    @classmethod
    def of(cls, value: object, form_of: Callable[[object], Form]) -> MappingForm | None:
        """The form of a dict."""
        if not is_a(value, dict):
            return None
        return cls(tuple((str(key), form_of(item)) for key, item in value.items()))

    @classmethod
    def from_json(cls, data: object, form_from_json: Callable[[object], Form]) -> MappingForm | None:
        """The form of an object of forms."""
        if not isinstance(data, dict):
            return None
        return cls(tuple((str(key), form_from_json(item)) for key, item in data.items()))

    def to_json(self) -> FormJson:
        """An object of forms."""
        return {key: part.to_json() for key, part in self.parts}

    def leaf_forms(self) -> tuple[LeafForm, ...]:
        """Those of all values, one after the other."""
        return tuple(leaf for _, part in self.parts for leaf in part.leaf_forms())

    def leaves(self, value: object) -> Iterator[Leaf]:
        """Those of all values. Raises Misfit also where the keys are others."""
        value, wanted = without_numpy(value), [key for key, _ in self.parts]
        if not is_a(value, dict):
            raise Misfit(f"a dict with the keys {', '.join(wanted)}, got {describe(value)}")
        items = dict(dict.items(value))
        if {key for key in items if type(key) is str} != set(wanted) or len(items) != len(wanted):
            raise Misfit(f"a dict with the keys {', '.join(wanted)}, got other keys")
        for key, part in self.parts:
            yield from part.leaves(items[key])

    def plain(self, value: object) -> Plain:
        """A dict whose keys are text."""
        return {key: part.plain(item) for key, part, item in self._items(value)}

    def graded(self, value: object, tolerance: float) -> Plain:
        """Each value as it is written down."""
        return {key: part.graded(item, tolerance) for key, part, item in self._items(value)}

    def literal(self, value: object) -> str:
        """Keys and values in braces."""
        keys = value if is_a(value, dict) else ()
        items = self._items(value)
        return braces(
            {repr(key): part.literal(item) for key, (_, part, item) in zip(keys, items, strict=True)}
        )

    def _items(self, value: object) -> Iterator[tuple[str, Form, object]]:
        values = list(value.values()) if is_a(value, dict) else []
        for (key, part), item in zip(self.parts, values, strict=True):
            yield key, part, item


def braces(items: Mapping[str, str]) -> str:
    """The source of a dict from that of its keys and values."""
    return "{" + ", ".join(f"{key}: {item}" for key, item in items.items()) + "}"
