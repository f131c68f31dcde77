"""A lesson with everything that its code gives: read, evaluated, its figures drawn. Done once, used often."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.authoring.evaluation import evaluate, workplace
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.evaluation.process_map import in_parallel
from autograder.authoring.evaluation.time_limit import Limit, TooLong, problem
from autograder.authoring.evaluation.value_cache import Remembered
from autograder.authoring.format import lesson
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import LessonError

Picture = tuple[bytes, str]
"""A PNG and its text alternative."""


@dataclass(frozen=True)
class Prepared:
    """A lesson, the values of its exercises and the first picture of each of its figures."""

    text: LessonText
    evaluated: tuple[Evaluated, ...]
    pictures: tuple[Picture, ...]


def prepare(path: Path, remembered: Remembered | None = None) -> Prepared:
    """Read and run the lesson at `path`; values in the cache are not computed again. Raises LessonError."""
    text = lesson.read(path)

    def half(values: bool) -> tuple[tuple[Evaluated, ...], tuple[Picture, ...]]:
        return (evaluate.evaluate(text, remembered), ()) if values else ((), pictures_of(text))

    # Where the cores have nothing else to do, another process draws while this one evaluates.
    with workplace.opened(path):
        (evaluated, _), (_, pictures) = in_parallel(half, (True, False))
    return Prepared(text, evaluated, pictures)


def pictures_of(text: LessonText) -> tuple[Picture, ...]:
    """Each figure of a lesson as it first stands. Raises LessonError where a figure shows none."""
    with workplace.opened(text.path, anew=True):
        return _pictures_of(text)


def _pictures_of(text: LessonText) -> tuple[Picture, ...]:
    names: evaluate.Names = {"__name__": "__lesson__"}
    pictures: list[Picture] = []
    for block in text.blocks:
        if not isinstance(block, Cell) or block.kind != "code":
            continue
        # A figure may use the given names; what it defines itself must not reach the given cells.
        shown = evaluate.run(block, names if role_of(block).is_graded else dict(names))
        if role_of(block).has_picture:
            pictures.append(_picture(block, shown))
    return tuple(pictures)


def _picture(cell: Cell, shown: object) -> Picture:
    if not hasattr(shown, "picture"):
        raise LessonError(
            cell.problem(
                "this figure shows nothing", "Make explore(draw, ...) the last expression of the cell."
            )
        )
    try:
        with workplace.at_work(cell.path), Limit(cell.path, cell.line):
            png, words = shown.picture()
        if not isinstance(words, str) or not words.strip():
            raise TypeError("draw returns no text alternative")
        return png, words
    except TooLong as late:
        raise LessonError(problem(cell.path, late.line)) from None
    except Exception as error:
        raise LessonError(
            cell.problem(f"{type(error).__name__}: {error}", "This figure must draw at its start values.")
        ) from error
