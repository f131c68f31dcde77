"""`check` and `hint`: what a learner's cells call."""

from __future__ import annotations

import functools
import sys
import warnings
from pathlib import Path
from typing import Any

from autograder.core import catalog, words
from autograder.core.errors import CannotCheck, CourseError, NotYet
from autograder.core.exercise import Exercise, Lesson, Outcome
from autograder.core.judge import judge

_hints_shown: dict[tuple[str, str], int] = {}
"""How many hints of each (lesson, exercise) this kernel has shown; a new kernel starts again."""


def check(exercise: str, **answers: Any) -> None:
    """Say whether `answers` are right, and if not, which idea went wrong.

    Prints one line and returns None when every answer is right. Otherwise raises NotYet, which a
    notebook shows as that one line. Raises CannotCheck, as one line too, where the check itself cannot
    run. `answers` are given by name: ``check("kl-forward", kl_forward=kl_forward)``.
    """
    # A warning would be an output on stderr, which stock nbgrader scores as a failure.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, task = _find(exercise)
        try:
            verdict = judge(task, answers)
        except KeyError:
            wanted = ", ".join(f"{answer.name}={answer.name}" for answer in task.answers)
            raise CannotCheck(
                f"{exercise} cannot-check:names", f'Call it as: check("{exercise}", {wanted})'
            ) from None
    line = words.line(task, verdict)
    if verdict.outcome is not Outcome.RIGHT:
        raise NotYet(verdict.code, line)
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
    _show("\n\n".join(texts))


def _show(markdown: str) -> None:
    """Show Markdown, typeset in a notebook and as it is written elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(markdown)
        return
    from IPython.display import display

    display({"text/markdown": markdown, "text/plain": markdown}, raw=True)


@functools.lru_cache(maxsize=4)
def _read(path: Path, changed: int, size: int) -> Lesson:
    """The lesson in a file, read once as long as the file stays as it is."""
    return catalog.read(path)


def _find(exercise: str) -> tuple[Lesson, Exercise]:
    """The exercise of that id in the lesson whose folder is the current one."""
    path = Path.cwd() / catalog.FILE
    try:
        stamp = path.stat()
        lesson = _read(path, stamp.st_mtime_ns, stamp.st_size)
    except (CourseError, OSError) as error:
        if isinstance(error, OSError):
            error = CourseError(f"{path} is missing. It belongs beside the lesson's notebook.")
        raise CannotCheck(f"{exercise} cannot-check:no-lesson", f"Cannot check: {error}") from None
    try:
        return lesson, lesson.exercises[exercise]
    except (KeyError, TypeError):
        known = ", ".join(lesson.exercises)
        raise CannotCheck(
            f"{exercise} cannot-check:no-exercise",
            f"Cannot check: this lesson has no exercise {exercise!r}. It has: {known}",
        ) from None
