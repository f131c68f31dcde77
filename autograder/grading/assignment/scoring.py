"""The marks of an executed notebook: nbgrader's rules, from the outputs of its grade cells.

Deliberate differences from nbgrader 0.9.6, each where nbgrader gives marks for nothing or takes them for
nothing:

- A warning on stderr does not score 0; only an error does.
- An error scores 0, also where a number was displayed before it.
- Partial credit is the last number that the cell displays as its value, not the first: a number that the
  student's code displays on the way does not count. A number below 0 or NaN earns 0 (nbgrader: full marks),
  one above the cell's points earns the points (nbgrader: the submission fails). NumPy's `np.float64(0.5)` is
  a number (nbgrader: full marks).

A displayed value that is no number is ignored, as in nbgrader: an honest test may end in a string or a
table, and its mark rests on no assertion having failed. Grade cells that a student deleted were put back
by `repair` and score what they score; nbgrader waits for a person.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.core.verdict import Outcome
from autograder.grading.assignment.notebook_json import Cell, Notebook, Output
from autograder.grading.assignment.snapshot import NotebookSnapshot, Snapshot, SourceCell, grade_id
from autograder.grading.assignment.verdicts import verdicts_of

_NUMPY_NUMBER = re.compile(r"np\.(?:float|int|uint)\d+\((.*)\)")

_LONGEST_NUMBER = 400  # characters; the longest that Python shows of a float has fewer


@dataclass(frozen=True)
class Mark:
    """What one grade cell earned, in points. `auto_score` None: a person must look."""

    name: str
    auto_score: float | None


@dataclass(frozen=True)
class Marks:
    """What a notebook earned.

    `comments` holds by grade id what is said of each answer or task cell, None for nothing. `verdicts`
    holds by grade id of each test what it said, `flags` why a person should look at it.
    """

    marks: tuple[Mark, ...]
    comments: Mapping[str, str | None]
    verdicts: Mapping[str, Outcome]
    flags: Mapping[str, str] = field(default_factory=dict)


def finish(notebook: Notebook, snapshot: Snapshot) -> None:
    """Drop and shorten outputs in place, as nbgrader's IgnorePattern and LimitOutput do."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            if snapshot.ignore_pattern:
                cell["outputs"] = _without_ignored(cell["outputs"], snapshot.ignore_pattern)
            if snapshot.max_lines != -1:
                cell["outputs"] = list(_limited(cell["outputs"], snapshot.max_lines))
            if snapshot.max_traceback != -1:
                _limit_tracebacks(cell["outputs"], snapshot.max_traceback)


def marks_of(notebook: Notebook, snapshot: NotebookSnapshot) -> Marks:
    """The marks of a repaired and executed notebook."""
    known = {source.name: source for source in snapshot.cells}
    marks: list[Mark] = []
    comments: dict[str, str | None] = {}
    for cell in notebook["cells"]:
        source = known.get(grade_id(cell) or "")
        outputs = cell.get("outputs", ())
        if source is not None and (source.solution or source.task):
            silent = _is_untouched(cell, source) and not source.task
            comments[source.name] = "No response." if silent else None
        if source is not None and source.grade and source.solution:
            marks.append(Mark(source.name, 0.0 if _is_untouched(cell, source) else None))
        if source is not None and source.grade and not source.solution:
            marks.append(Mark(source.name, score_of(outputs, source.points or 0.0)))
    return Marks(tuple(marks), comments, dict(verdicts_of(notebook["cells"])))


def _is_untouched(cell: Cell, source: SourceCell) -> bool:
    # nbgrader compares checksums; all else that enters them is as in the source after `repair`.
    return source.checksum is not None and cell["source"] == source.source


def score_of(outputs: Sequence[Output], points: float) -> float:
    """What a test worth `points` earns by its outputs."""
    if any(True for _ in _errors(outputs)):
        return 0.0
    values = [output for output in outputs if output["output_type"] == "execute_result"]
    number = _number(values[-1]) if values else None
    if number is None:
        return points
    return 0.0 if math.isnan(number) else min(max(number, 0.0), points)


def shown_number(outputs: Sequence[Output]) -> str:
    """The number that a test showed as its value, as text; '' where it showed none."""
    values = [output for output in outputs if output["output_type"] == "execute_result"]
    number = _number(values[-1]) if values else None
    return "" if number is None else repr(number)


def _number(output: Output) -> float | None:
    text = output.get("data", {}).get("text/plain")
    if isinstance(text, list) and len(text) == 1:
        text = text[0]
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        return None
    numpy = _NUMPY_NUMBER.fullmatch(text.strip())
    try:
        return float(numpy[1] if numpy else text)
    except ValueError:
        return None


def _errors(outputs: Iterable[Output]) -> Iterator[Output]:
    return (output for output in outputs if output["output_type"] == "error")


def _without_ignored(outputs: list[Output], pattern: str) -> list[Output]:
    return [
        output
        for output in outputs
        if not (
            output["output_type"] == "stream"
            and output["name"] == "stderr"
            and re.search(pattern, output["text"])
        )
    ]


def _limited(outputs: list[Output], most: int) -> Iterator[Output]:
    length = 0
    for output in outputs:
        if output["output_type"] == "stream":
            if length == most:
                continue
            lines = output["text"].split("\n")
            if len(lines) + length > most:
                lines = [*lines[: most - length - 1], "... Output truncated ..."]
            length += len(lines)
            output["text"] = "\n".join(lines)
        yield output


def _limit_tracebacks(outputs: list[Output], most: int) -> None:
    for output in _errors(outputs):
        lines = output["traceback"]
        if len(lines) > most:
            start = most // 2
            end = most - start - 1
            output["traceback"] = [*lines[:start], "... Traceback truncated ...", *lines[-end:]]
