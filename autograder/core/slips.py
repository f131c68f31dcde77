"""What the judge recognizes without an author: one row each, with all that anybody says of it.

To add a slip, add a row. The judge, the learner's line, the feedback page and the class report read this
table and no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TYPE = "~type"
OPTION = "~option"
CLOSE = "~close"


@dataclass(frozen=True)
class Slip:
    """One way to go wrong that needs no author.

    `word` stands in verdicts and starts with "~", as no author's slug does. `name` is what pages call it.
    `to_learner` ends the line of a check; it may hold {misfit}, why the value is not of the kind asked for
    (or the options), and {decimals}, how many of them the answer needs. `to_class` is said to all who hold
    it. `undo` turns a slipped number back into the right one; None where the judge finds it otherwise.
    """

    word: str
    name: str
    to_learner: str
    to_class: str
    undo: Callable[[float], float] | None = None


SLIPS = (
    Slip(
        TYPE,
        name="another kind of value",
        to_learner="expected {misfit}.",
        to_class="You gave another kind of value than the one asked for.",
    ),
    Slip(
        OPTION,
        name="none of the options",
        to_learner="choose one of: {misfit}.",
        to_class="You gave an answer that is none of the options.",
    ),
    Slip(
        CLOSE,
        name="rounding",
        to_learner="close. Check your rounding: keep {decimals} decimals in every term.",
        to_class="You were close: keep more decimals in every term, and round once, at the end.",
    ),
    Slip(
        "~base-2",
        name="logarithm to base 2",
        to_learner="you used base-2 logs. Use the natural log: multiply by ln 2.",
        to_class="You used base-2 logs. Use the natural log.",
        undo=lambda x: x * math.log(2),
    ),
    Slip(
        "~sign",
        name="sign",
        to_learner="right size, wrong sign.",
        to_class="Your answer has the right size and the wrong sign.",
        undo=lambda x: -x,
    ),
    Slip(
        "~base-10",
        name="logarithm to base 10",
        to_learner="you used base-10 logs. Use the natural log: multiply by ln 10.",
        to_class="You used base-10 logs. Use the natural log.",
        undo=lambda x: x * math.log(10),
    ),
    Slip(
        "~percent",
        name="percentage",
        to_learner="that is a hundred times too large: give the plain number, not a percentage.",
        to_class="Your answer is a hundred times too large: give the plain number, not a percentage.",
        undo=lambda x: x / 100,
    ),
    Slip(
        "~complement",
        name="one minus the answer",
        to_learner="that is one minus the answer.",
        to_class="You gave one minus the answer.",
        undo=lambda x: 1 - x,
    ),
)
"""In the order in which the judge prefers them."""

BY_WORD: Mapping[str, Slip] = {slip.word: slip for slip in SLIPS}
GENERIC: Mapping[str, Callable[[float], float]] = {slip.word: slip.undo for slip in SLIPS if slip.undo}
"""Slips that any number may suffer: the inverse that turns the slipped value back into the right one."""


def name_of(idea: str) -> str:
    """What pages call an idea: a slip by its name, an author's mistake by its slug."""
    return BY_WORD[idea].name if idea in BY_WORD else idea
