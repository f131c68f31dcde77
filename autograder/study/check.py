"""`check` and `hint`: what a learner's cells call."""

from __future__ import annotations

import contextlib
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

from autograder.core import messages
from autograder.core.errors import CannotCheck, CourseError, NotYet
from autograder.core.judge import judge
from autograder.core.model import Exercise, Lesson, Verdict
from autograder.core.verdict import Kind, Outcome
from autograder.study import installed_lessons, learner_log, lesson_version

_hints_shown: dict[tuple[str, str], int] = {}
"""How many hints of each (lesson, exercise) this kernel has shown; a new kernel starts again."""


def check(exercise: str, **answers: object) -> None:
    """Say whether `answers` are right, and if not, which idea went wrong.

    Prints one line and returns None when every answer is right. Otherwise raises NotYet, which a
    notebook shows as that one line. Raises CannotCheck, as one line too, where the check itself cannot
    run. `answers` are given by name: ``check("kl-forward", kl_forward=kl_forward)``.
    """
    # A warning would be an output on stderr, which stock nbgrader scores as a failure.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lesson, task = _find(exercise)
        try:
            verdict = judge(task, answers)
        except KeyError:
            wanted = ", ".join(f"{answer.name}={answer.name}" for answer in task.answers)
            raise CannotCheck(
                f"{exercise} cannot-check:names", f'Call it as: check("{exercise}", {wanted})'
            ) from None
        # Only for the learner: what is graded is graded by the present lesson.
        doubt = lesson_version.mixed(lesson) if verdict.kind is Kind.WRONG and learner_log.is_kept() else ""
        if not doubt:
            _remember(lesson, task, verdict)
    line = messages.line(task, verdict)
    if verdict.kind is not Kind.RIGHT:
        raise NotYet(verdict.code, f"{line} But it may be right: {doubt}" if doubt else line)
    print(line)


def hint(exercise: str) -> None:
    """Print the next hint of an exercise; each call shows one more."""
    lesson, task = _find(exercise)
    if not task.hints:
        print(f"{exercise}: there is no hint for this exercise.")
        return
    seen = (lesson.id, exercise)
    shown = min(_hints_shown.get(seen, 0) + 1, len(task.hints))
    _hints_shown[seen] = shown
    texts = [f"**Hint {n} of {len(task.hints)}.** {text}" for n, text in enumerate(task.hints[:shown], 1)]
    show("\n\n".join(texts))


def show(markdown: str, svg: str = "") -> None:
    """Show Markdown (and a picture below it), typeset in a notebook and as it is written elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(markdown)
        return
    from IPython.display import display

    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)
    if svg:
        display({"image/svg+xml": svg, "text/plain": ""}, raw=True)


def _remember(lesson: Lesson, task: Exercise, verdict: Verdict) -> None:
    """Write the verdict into the learner's log. A check never fails because that is not possible."""
    if verdict.kind is Kind.NOT_ATTEMPTED or not learner_log.is_kept():
        return
    said = str(Outcome(verdict.kind, verdict.idea if verdict.idea in task.feedback else ""))
    with contextlib.suppress(OSError):
        learner_log.append(
            learner_log.place(Path.cwd()), learner_log.Attempt(datetime.now(UTC), lesson.id, task.id, said)
        )


def _find(exercise: str) -> tuple[Lesson, Exercise]:
    """The exercise of that id in the lesson whose folder is the current one."""
    try:
        lesson = installed_lessons.here()
    except CourseError as error:
        raise CannotCheck(f"{exercise} cannot-check:no-lesson", f"Cannot check: {error}") from None
    try:
        return lesson, lesson.exercises[exercise]
    except (KeyError, TypeError):
        why = lesson_version.claimed(lesson, exercise) if isinstance(exercise, str) else ""
        line = f"Cannot check: this lesson has no exercise {exercise!r}. "
        line += why or f"It has: {', '.join(lesson.exercises)}"
        raise CannotCheck(f"{exercise} cannot-check:no-exercise", line) from None
