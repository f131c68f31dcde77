"""Why a test is shared, in words for the instructor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """The rule that a test breaks. The values stand in kept files."""

    REACHES = "reaches"
    """Its text reaches past values."""
    SHELL = "shell"
    """A test of the notebook counts on the numbers of In and Out."""
    NAMES = "names"
    """It and a shared test, or an answer, use the same names."""
    TEACHER = "teacher"
    """The teacher's own solution does not get full points for it."""
    DIFFERS = "differs"
    """Behind the wall it gives another result than in one process."""
    CHANGES = "changes"
    """It does not give the same result each time."""
    VACUOUS = "vacuous"
    """No source earns less than full points, so the trial shows nothing."""
    MIXED = "mixed"
    """With the other tests' plan it gives another result than in one process."""
    UNTRIED = "untried"
    """No trial was possible, or it could not be graded in one."""
    CHOSEN = "chosen"
    """The instructor chose so, by a tag or a setting."""
    REDEFINED = "redefined"
    """This learner gives a name of the teacher's another value."""
    LONG = "long"
    """This learner's own text is too long to be read."""


@dataclass(frozen=True)
class Reason:
    """One reason: the rule, and what the test does, as "line 3 deletes helper"; `line` is its own, or 0."""

    why: Why
    text: str
    line: int = 0
