"""Pairs of learners whose unexplained wrong answers are alike and rare. Compared on this machine only.

What is right is right in the same way for many, and a known mistake is known because many make it; neither is
ever compared. Compared are wrong code that no mistake explains, and code that stops with an error, and wrong
numbers that no mistake explains.

Code: tokens without comments and layout, names and numbers made equal, in shingles of eight (overlapping
runs); likeness is |A ∩ B| / |A ∪ B| (A. Broder 1997, "On the resemblance and containment of documents").
Shingles that more than a tenth of the class has, the stub's among them, say nothing and are left out, as
S. Schleimer, D. Wilkerson and A. Aiken 2003, "Winnowing", do.

Numbers: the very same digits, three significant ones or more, typed by two or three learners and nobody else,
in two exercises or more. One shared wrong number is what the same slip gives.
"""

from __future__ import annotations

import io
import itertools
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.classroom.analysis import unexplained
from autograder.classroom.analysis.graded_class import GradedClass
from autograder.core.verdict import WRONG, Kind

WARNING = (
    "Alike is not copied. The same book, tutor or study group, the same slip, or an agreed way to work leads"
    " to alike answers, and this page cannot tell these apart, nor who had an answer first. Read both answers"
    " yourself and talk with both people, openly, before you conclude anything. All was compared on this"
    " machine; nothing was sent anywhere."
)
LENGTH = 8
"""Tokens in a shingle."""
FEWEST_SHINGLES = 20
"""What must be left of an answer once what many have is taken away; less says nothing."""
ALIKE = 0.8
RARE = 3
"""Learners that may share a rare number."""
NUMBERS = 2
"""Exercises in which two learners must share a rare wrong number."""
_LONGEST = 50_000
_TOKEN = re.compile(r"[^\W\d]\w*|\d[\w.]*|[^\w\s]")


@dataclass(frozen=True)
class Sign:
    """One likeness. `code` is Jaccard's likeness, from 0 to 1, or None for a shared rare number."""

    lesson: str
    exercise: str
    code: float | None
    value: str = ""


@dataclass(frozen=True)
class Pair:
    """Two learners' ids, in order, and what is alike."""

    students: tuple[str, str]
    signs: tuple[Sign, ...]


def find(classes: Sequence[GradedClass]) -> list[Pair]:
    """Pairs of learners with answers that are alike, over all of `classes`; most signs first."""
    signs: dict[tuple[str, str], list[Sign]] = {}
    for graded in classes:
        for name in graded.points:
            for pair, likeness in _alike_code(graded, name):
                signs.setdefault(pair, []).append(Sign(graded.assignment, name, likeness))
    numbers: dict[tuple[str, str], list[Sign]] = {}
    for graded in classes:
        for name in graded.points:
            for pair, value in _rare_numbers(graded, name):
                numbers.setdefault(pair, []).append(Sign(graded.assignment, name, None, value))
    for pair, shared in numbers.items():
        if len(shared) >= NUMBERS or pair in signs:
            signs.setdefault(pair, []).extend(shared)
    made = [Pair(pair, tuple(found)) for pair, found in signs.items()]
    return sorted(made, key=lambda pair: (-len(pair.signs), pair.students))


def _rare_numbers(graded: GradedClass, name: str) -> Iterator[tuple[tuple[str, str], str]]:
    holders: dict[str, list[str]] = {}
    for student, profile in unexplained.profiles(graded, name).items():
        text = ", ".join(f"{key} = {value!r}" for key, value in profile.items())
        if any(map(_telling, profile.values())):
            holders.setdefault(text, []).append(student)
    for text, students in holders.items():
        if len(students) <= RARE:
            for first, second in itertools.combinations(sorted(students), 2):
                yield (first, second), text


def _telling(value: object) -> bool:
    """Whether a value has three significant digits or more, so that few hit on it."""
    if isinstance(value, list | tuple):
        return any(map(_telling, value))
    if type(value) not in (int, float):
        return False
    digits = re.sub(r"e.*|\D", "", repr(value)).strip("0")
    return len(digits) >= 3


def _alike_code(graded: GradedClass, name: str) -> Iterator[tuple[tuple[str, str], float]]:
    compared = {
        one.student: one.sources.get(name, "")
        for one in graded.handed_in
        if one.outcome(name) == WRONG or one.kind(name) is Kind.ERROR
    }
    everybody = [shingles(one.sources[name]) for one in graded.handed_in if one.sources.get(name)]
    counts = Counter(itertools.chain.from_iterable(everybody))
    # A tenth of the class, but never so few that the two who are compared would be "many".
    many = max(RARE, len(everybody) // 10)
    common = {shingle for shingle, count in counts.items() if count > many}
    left = {student: shingles(text) - common for student, text in compared.items()}
    left = {student: own for student, own in left.items() if len(own) >= FEWEST_SHINGLES}
    for (first, second), shared in sorted(_shared_shingles(left).items()):
        # |A ∩ B| / |A ∪ B| >= ALIKE needs |A ∩ B| >= ALIKE |A|, and the same of B.
        if shared < ALIKE * max(len(left[first]), len(left[second])):
            continue
        likeness = jaccard(left[first], left[second])
        if likeness >= ALIKE:
            yield (first, second), likeness


def _shared_shingles(left: Mapping[str, Shingles]) -> Counter[tuple[str, str]]:
    """For each pair of learners who share shingles, how many; found by an index from shingle to holders.

    A shingle has few holders, so this is far less than all pairs of a class.
    """
    holders: dict[tuple[str, ...], list[str]] = {}
    for student in sorted(left):
        for shingle in left[student]:
            holders.setdefault(shingle, []).append(student)
    return Counter(pair for students in holders.values() for pair in itertools.combinations(students, 2))


Shingles = frozenset[tuple[str, ...]]


def shingles(source: str) -> Shingles:
    """The runs of LENGTH tokens in a cell."""
    text = source[:_LONGEST]
    try:
        tokens = list(_tokens(text))
    except (tokenize.TokenError, SyntaxError, ValueError):  # no Python: its words and signs
        tokens = _TOKEN.findall(text)
    return frozenset(tuple(tokens[at : at + LENGTH]) for at in range(len(tokens) - LENGTH + 1))


def jaccard(one: Shingles, other: Shingles) -> float:
    """|A ∩ B| / |A ∪ B|; 0 for two empty sets."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


_LEFT_OUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
_MADE_EQUAL: Mapping[int, str] = {tokenize.NUMBER: "1", tokenize.STRING: '"'}


def _tokens(source: str) -> Iterator[str]:
    """Python's tokens, a name as "n", a number as "1", a text as a quotation mark."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
            yield "n"
        elif token.type not in _LEFT_OUT:
            yield _MADE_EQUAL.get(token.type, token.string)
