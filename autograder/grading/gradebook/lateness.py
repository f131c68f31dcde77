"""How late a submission is, and what the course's late policy takes off for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from autograder.core.errors import GradingError
from autograder.grading.gradebook.course_directory import Classroom

Penalty = Callable[[str, float, float], float | None]
"""Of a student's id, a notebook's score and the delay in seconds: the penalty in points, or None."""


def seconds_late(handed_in: datetime | None, due: datetime | None, extension: timedelta | None) -> float:
    """How late a submission is, for the penalty and for whoever is told.

    Args:
        handed_in: When it was handed in, UTC without a zone; None where that is unknown.
        due: The assignment's due date in the same form, None where it has none.
        extension: What this learner was granted, None for nothing.

    Returns:
        Seconds after the due date and the extension, 0.0 where it is in time or nobody knows.
    """
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - (due + extension if extension else due)).total_seconds())


def penalty_of(classroom: Classroom) -> Penalty:
    """The late policy that the course's configuration names; one that takes nothing where it is off."""
    from nbgrader.preprocessors import AssignLatePenalties

    late = AssignLatePenalties(config=classroom.config)
    late.init_plugin()
    if not late.enabled:
        return lambda *_: None
    policy: Penalty = late.plugin_inst.late_submission_penalty
    return policy


def points_taken(policy: Penalty, student: str, score: float, late: float) -> float | None:
    """What a policy takes off.

    Args:
        policy: The course's.
        student: The student's id.
        score: The notebook's, in points; no more is taken.
        late: The delay in seconds.

    Returns:
        Points, or None where the submission is in time or the policy says nothing.

    Raises:
        GradingError: The policy raised something.
    """
    if late <= 0:
        return None
    try:
        given = policy(student, score, late)
        return None if given is None else min(max(given, 0), score)
    except Exception as error:  # a course's own plugin can raise anything
        raise GradingError(f"the late penalty failed: {type(error).__name__}: {error}") from error
