"""Whether values that crossed the boundary are the student's to the last bit, or stand for something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

INEXACT_TAGS = frozenset(["ref", "callback", "inexact", "unreachable"])
"""Marks of encoded data that is no plain copy: a reference, another type's value, one that cannot cross."""


def crossed_exactly(values: Mapping[str, object]) -> bool:
    """Return whether all values of `ObjectEndpoint.named` are plain copies.

    The worker asks this of what a student's process sent: what is in it counts, not what is said of it.
    """
    return not any(_is_inexact(data) for data in _objects(values))


def holds_references(values: Mapping[str, object]) -> bool:
    """Return whether objects are among the values, about which the student's process can be asked."""
    return any("ref" in data or "callback" in data for data in _objects(values))


def _is_inexact(data: Mapping[str, object]) -> bool:
    return not INEXACT_TAGS.isdisjoint(data)


def _objects(values: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Every JSON object in the entries, without recursion: hostile data may be deep."""
    waiting = list(values.values())
    while waiting:
        data = waiting.pop()
        if isinstance(data, dict):
            yield data
            waiting += data.values()
        elif isinstance(data, list):
            waiting += data
