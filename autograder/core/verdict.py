"""What a check said of an exercise: one type, with the one reader and the one writer of its text.

The text travels in a notebook's outputs, in the learner's log and from a worker: "right", "not-attempted",
"wrong", "wrong:<idea>" or "error:<exception's name>".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a judgement says of an answer. Only the grader gives ERROR: a cell stopped before its check.

    In a learner's notebook a check that could not run has no outcome: it raises CannotCheck.
    """

    NOT_ATTEMPTED = "not-attempted"
    WRONG = "wrong"
    RIGHT = "right"
    ERROR = "error"


@dataclass(frozen=True)
class Outcome:
    """What a check said.

    `idea` is the slug of the mistake, or the word of the slip, that explains what is wrong; '' where none
    does. `error` is the name of the exception that stopped the cell.
    """

    kind: Kind
    idea: str = ""
    error: str = ""

    @classmethod
    def parse(cls, text: str) -> Outcome:
        """The outcome that `text` names. A learner may have made text that names none: that is wrong."""
        kind, _, rest = text.partition(":")
        if kind == Kind.WRONG:
            return cls(Kind.WRONG, idea=rest)
        if kind == Kind.ERROR:
            return cls(Kind.ERROR, error=rest)
        return next((one for one in (RIGHT, NOT_ATTEMPTED) if one.kind == kind), WRONG)

    @classmethod
    def of_code(cls, code: str) -> Outcome:
        """The outcome in the ``exercise-id outcome`` that a check's error has as its value."""
        return cls.parse(code.partition(" ")[2])

    def __str__(self) -> str:
        rest = self.idea or self.error
        return f"{self.kind}:{rest}" if rest else str(self.kind)


NOT_ATTEMPTED = Outcome(Kind.NOT_ATTEMPTED)
WRONG = Outcome(Kind.WRONG)
"""Wrong, by no idea that anybody knows."""
RIGHT = Outcome(Kind.RIGHT)
