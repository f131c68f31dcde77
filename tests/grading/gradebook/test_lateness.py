"""How late a submission is, and what a course's policy may take."""

from datetime import datetime, timedelta

import pytest

from autograder.core.errors import GradingError
from autograder.grading.gradebook.lateness import points_taken, seconds_late

DUE = datetime(2026, 11, 30, 12)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("handed_in", "due", "extension", "seconds"),
    [
        (DUE + HOUR, DUE, None, 3600.0),
        (DUE - HOUR, DUE, None, 0.0),
        (DUE + HOUR, DUE, HOUR, 0.0),
        (DUE + 2 * HOUR, DUE, HOUR, 3600.0),
        (DUE + HOUR, DUE, timedelta(0), 3600.0),
        (None, DUE, None, 0.0),
        (DUE, None, HOUR, 0.0),
    ],
)
def test_seconds_after_the_due_date_and_the_extension(
    handed_in: datetime | None, due: datetime | None, extension: timedelta | None, seconds: float
) -> None:
    assert seconds_late(handed_in, due, extension) == seconds


@pytest.mark.parametrize(("asked", "taken"), [(2.0, 2.0), (9.0, 5.0), (-1.0, 0), (None, None)])
def test_no_policy_takes_more_than_there_is(asked: float | None, taken: float | None) -> None:
    assert points_taken(lambda *_: asked, "ann", 5.0, 60.0) == taken


def test_in_time_no_policy_is_asked() -> None:
    def policy(student: str, score: float, late: float) -> float:
        raise AssertionError

    assert points_taken(policy, "ann", 5.0, 0.0) is None


def test_a_policy_that_fails_is_named() -> None:
    def policy(student: str, score: float, late: float) -> float:
        raise ZeroDivisionError("no days")

    with pytest.raises(GradingError, match="the late penalty failed: ZeroDivisionError: no days"):
        points_taken(policy, "ann", 5.0, 60.0)
