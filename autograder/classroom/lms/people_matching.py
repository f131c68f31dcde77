"""Matching the gradebook's students with the people in a learning platform's file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from autograder.grading.gradebook.submission_marks import Person


@dataclass(frozen=True)
class PlatformPerson:
    """A person in the platform's file: its own number for them, their name, their logins and addresses.

    `own`: the number is this person's everywhere, so that the gradebook's can be compared with it; Moodle's
    are of one assignment each. `row` is their line of the file by column. `start` is how the name of a file
    for them must begin, where the platform finds them by that.
    """

    number: str
    name: str
    handles: tuple[str, ...] = ()
    own: bool = True
    row: dict[str, str] = field(default_factory=dict, compare=False)
    start: str = ""


def match(people: Iterable[Person], known: Sequence[PlatformPerson]) -> dict[str, PlatformPerson]:
    """Match students with the platform's people, by student id; ambiguous ones are left out.

    In this order: the number in the gradebook, a login or address that is the same, a name that only one
    on either side has.
    """
    waiting, left, found = list(people), list(known), dict[str, PlatformPerson]()
    steps: tuple[tuple[Callable[[Person], set[str]], Callable[[PlatformPerson], set[str]]], ...] = (
        (lambda person: {person.lms} - {""}, lambda one: {one.number} if one.own else set()),
        (lambda person: _folded(person.id, person.email), lambda one: _folded(*one.handles)),
        (
            lambda person: {_plain(person.first + person.last), _plain(person.last + person.first)} - {""},
            lambda one: {_plain(one.name)} - {""},
        ),
    )
    for of_person, of_known in steps:
        here = Counter(key for person in waiting for key in of_person(person))
        there = Counter(key for one in left for key in of_known(one))
        for person in list(waiting):
            keys = {key for key in of_person(person) if here[key] == there[key] == 1}
            same = [one for one in left if of_known(one) & keys]
            if len(same) == 1:
                found[person.id] = same[0]
                waiting.remove(person)
                left.remove(same[0])
    return found


def with_numbers(people: Iterable[Person], found: dict[str, PlatformPerson]) -> list[Person]:
    """The same students, with the platform's numbers for those who were found."""
    return [replace(one, lms=found[one.id].number) if one.id in found else one for one in people]


def _folded(*texts: str) -> set[str]:
    return {text.strip().casefold() for text in texts} - {""}


def _plain(text: str) -> str:
    """Letters and digits only, without accents: as Canvas names files, and as people mistype names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]+", "", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))
