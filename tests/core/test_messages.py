"""What is said of a check is read again as it was said."""

from datetime import timedelta

import pytest

from autograder.core import messages
from autograder.core.kinds.number import NumberForm
from autograder.core.model import Answer, AnswerVerdict, Exercise, Verdict
from autograder.core.verdict import Kind

FEEDBACK = "you used log base 2: right: a, b. Use nats."
"""It holds what reads like the sentence on several answers, but does not begin with it."""


def exercise(*names: str) -> Exercise:
    """An exercise that asks for numbers of these names."""
    return Exercise("two-coins", 1, tuple(Answer(name, NumberForm()) for name in names), {"bits": FEEDBACK})


def wrong(*answers: tuple[str, Kind]) -> Verdict:
    """What is judged of these answers, wrong by a named mistake."""
    return Verdict("two-coins", Kind.WRONG, "bits", tuple(AnswerVerdict(*answer) for answer in answers))


@pytest.mark.parametrize(
    ("answers", "which"),
    [
        ([("fair", Kind.WRONG)], ""),
        ([("certain", Kind.RIGHT), ("fair", Kind.WRONG)], "right: certain; not right: fair. "),
        ([("fair", Kind.WRONG), ("größe_2", Kind.WRONG)], "not right: fair, größe_2. "),
        (
            [("a", Kind.NOT_ATTEMPTED), ("b", Kind.RIGHT), ("c", Kind.WRONG), ("d", Kind.RIGHT)],
            "right: b, d; not right: c; not attempted: a. ",
        ),
    ],
)
def test_the_line_of_a_wrong_answer_is_read_again(answers: list[tuple[str, Kind]], which: str) -> None:
    line = messages.line(exercise(*(name for name, _ in answers)), wrong(*answers))
    said = messages.said_of_wrong(line, "two-coins")
    assert line == f"✗ two-coins: {said}"
    assert messages.which_of(said) == which
    assert said.removeprefix(which) == (FEEDBACK[0].upper() + FEEDBACK[1:] if which else FEEDBACK)


@pytest.mark.parametrize("kind", [Kind.RIGHT, Kind.NOT_ATTEMPTED])
def test_no_other_line_is_of_a_wrong_answer(kind: Kind) -> None:
    line = messages.line(exercise("a"), Verdict("two-coins", kind))
    assert line.startswith(f"{messages.MARKS[kind]} two-coins: ")
    assert messages.said_of_wrong(line, "two-coins") == line
    assert messages.which_of(line) == ""


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(seconds=-5), "1 minute"),
        (timedelta(minutes=10), "10 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=47), "2 days"),
    ],
)
def test_a_duration_in_words(duration: timedelta, words: str) -> None:
    assert messages.duration_in_words(duration) == words
