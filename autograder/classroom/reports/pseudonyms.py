"""What a report calls a learner: name and id, or a number in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from autograder.rendering import untrusted_text


@dataclass(frozen=True)
class Labels:
    """Names by id. `numbers`, where it is there, hides every name and id behind a number."""

    names: Mapping[str, str]
    numbers: Mapping[str, int] | None = None

    def __call__(self, student: str) -> str:
        """What to call a learner on a page."""
        if self.numbers is not None:
            return f"Learner {self.numbers[student]}"
        plain, name = untrusted_text.name(student), self.names.get(student, "")
        return f"{name} ({plain})" if name and name != plain else plain

    def key(self, student: str) -> str:
        """What to call a learner in JSON: the id as it is, or the number."""
        return student if self.numbers is None else f"learner-{self.numbers[student]}"


def hidden(names: Mapping[str, str], students: Iterable[str], shuffle: Callable[[list[str]], None]) -> Labels:
    """Number learners so that nobody can tell who is who.

    Args:
        names: Names by learner's id.
        students: Further ids.
        shuffle: Brings a list into an order that nobody can guess, in place.

    Returns:
        Labels with a number for every id, and no names.
    """
    order = sorted({*names, *students})
    shuffle(order)
    return Labels({}, {student: number for number, student in enumerate(order, 1)})
