"""What a lesson promises: each promise a function that yields its problems and counts its cases."""

from __future__ import annotations

import filecmp
import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring import evaluate, spoilers
from autograder.authoring.build import files_in
from autograder.authoring.canonical import canonical
from autograder.authoring.cells import Cell, read_text
from autograder.authoring.course import Course
from autograder.authoring.evaluate import Evaluated
from autograder.authoring.lesson import LessonText
from autograder.authoring.names import GRADED, figure_needs
from autograder.authoring.notebook import Picture
from autograder.authoring.stub import stub_of
from autograder.core.errors import LessonError, Problem
from autograder.core.exercise import Exercise, Outcome
from autograder.core.judge import judge
from autograder.core.values import same

_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_DETAILS = re.compile(r"<details>\n<summary>[^\n]+</summary>\n\n[^\n](?:.*?)\n\n</details>", re.S)


@dataclass(frozen=True)
class Subject:
    """Everything that the promises of one lesson are checked on."""

    course: Course
    text: LessonText
    evaluated: tuple[Evaluated, ...]
    pictures: tuple[Picture, ...]
    sealed: dict[str, Exercise]
    aside: Path


Found = Iterator[Problem | int]
"""A promise yields problems, and the number of cases it looked at."""


def _cells(s: Subject) -> Found:
    # Reading the lesson has raised where a cell is not well formed; here is what it looked at.
    yield len(s.text.cells)


def _figures(s: Subject) -> Found:
    yield sum(cell.kind == "code" and cell.role in GRADED for cell in s.text.cells)
    yield from figure_needs(s.text.cells)


def _canonical(s: Subject) -> Found:
    yield 1
    here, wanted = read_text(s.text.path), canonical(s.text.path)
    if here != wanted:
        pairs = itertools.zip_longest(here.splitlines(), wanted.splitlines())
        last = len(here.splitlines())
        line = next((n for n, (a, b) in enumerate(pairs, 1) if a != b), last)
        yield Problem(s.text.path, line, "not in canonical form", f"Run: autograder format {s.text.number}")


def _stubs(s: Subject) -> Found:
    for one in s.evaluated:
        yield 1
        try:
            names = evaluate.stubbed(one.text, one.given)
        except LessonError as error:
            yield from error.problems
            continue
        verdict = judge(s.sealed[one.text.id], {name: names.get(name) for name in one.text.names})
        if any(answer.outcome is not Outcome.NOT_ATTEMPTED for answer in verdict.answers):
            yield one.text.solution.problem(
                f"the untouched stub of {one.text.id!r} is judged {verdict.outcome}",
                "A stub must give `...` or None: end each function's stub with `...`.",
            )


def _solutions(s: Subject) -> Found:
    for one in s.evaluated:
        yield len(one.text.names)
        solved = evaluate.solve(one.text, one.given)  # once more: it must come out the same
        verdict = judge(s.sealed[one.text.id], {name: solved[name] for name in one.text.names})
        if verdict.outcome is not Outcome.RIGHT:
            yield one.text.solution.problem(
                f"the solution of {one.text.id!r} is judged {verdict.code}",
                "Mend the solution or its tolerance.",
            )
        for cell in one.text.tests:
            yield from _runs(cell, dict(one.solved))


def _proofs(s: Subject) -> Found:
    for one in s.evaluated:
        yield 1
        yield from _runs(one.text.proof, dict(one.solved))


def _runs(cell: Any, names: dict[str, Any]) -> Iterator[Problem]:
    try:
        evaluate.run(cell, dict(names))
    except LessonError as error:
        yield from error.problems


def _mistakes(s: Subject) -> Found:
    for one in s.evaluated:
        for mistake, values in one.mistakes:
            yield 1
            verdict = judge(s.sealed[one.text.id], values)
            if verdict.outcome is Outcome.RIGHT or verdict.idea != mistake.slug:
                yield Problem(
                    s.text.path,
                    mistake.line,
                    f"the mistake {mistake.slug!r} is judged {verdict.code}",
                    "Each mistake must be wrong and bring its own feedback: tell it apart from the others.",
                )


def _apart(s: Subject) -> Found:
    for one in s.evaluated:
        rows = [("the answer", one.text.solution.line, one.references)]
        rows += [(f"the mistake {m.slug!r}", m.line, values) for m, values in one.mistakes]
        for (first, _, a), (second, line, b) in itertools.combinations(rows, 2):
            yield 1
            if all(_as_one(a[name], b[name], one.text.tolerances[name]) for name in one.text.names):
                yield Problem(
                    s.text.path,
                    line,
                    f"{second} of {one.text.id!r} equals {first} (within 2 tolerances)",
                    "Change the numbers, the tolerance, or join the two mistakes into one.",
                )


def _as_one(a: Any, b: Any, tolerance: float) -> bool:
    return same(b, a, 2 * tolerance)


def _agreement(s: Subject) -> Found:
    """At every answer and mistake, at ± tolerance and one float to either side: check and test agree."""
    for one in s.evaluated:
        for values in (one.references, *(wrong for _, wrong in one.mistakes)):
            for name in one.text.names:
                for value in neighbours(values[name], one.text.tolerances[name]):
                    yield 1
                    given = {**one.references, name: value}
                    checked = judge(s.sealed[one.text.id], given).outcome is Outcome.RIGHT
                    within = s.sealed[one.text.id].answers[one.text.names.index(name)].tolerance
                    if checked != same(value, one.references[name], within):
                        yield one.text.prompt.problem(
                            f"check and hidden test disagree on {name} = {value!r}",
                            "This is a fault of autograder, please report it.",
                        )


def neighbours(value: Any, tolerance: float) -> Iterator[Any]:
    """`value`, and where it is a number the floats at and just beyond ± `tolerance` from it."""
    yield value
    if isinstance(value, float) and math.isfinite(value):
        for edge in (value - tolerance, value + tolerance):
            yield from (edge, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf))


def _hints(s: Subject) -> Found:
    problems, count = spoilers.in_hints_and_feedback(s.evaluated)
    yield count
    yield from problems


def _spoilers(s: Subject) -> Found:
    problems, count = spoilers.in_the_text(s.text, s.evaluated, s.pictures)
    yield count
    yield from problems


def _release(s: Subject) -> Found:
    """The release on disk (or, where none is, the fresh one) holds no solution."""
    path = s.course.root / "release" / s.text.id / f"{s.text.id}.ipynb"
    path = path if path.exists() else s.aside / path.relative_to(s.course.root)
    secret = [
        line.strip()
        for one in s.evaluated
        for line in one.text.solution.source.splitlines()
        if len(line.strip()) > 12 and line not in stub_of(one.text.solution).splitlines()
    ]
    written = path.read_text(encoding="utf-8")
    for number, cell in enumerate(json.loads(written)["cells"], 1):
        yield 1
        source = "".join(cell["source"])
        for mark in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "core.values import same", *secret):
            if mark in source and (cell["cell_type"] == "code" or mark not in secret):
                words = f"cell {number} of the release holds {mark[:60]!r}"
                yield Problem(path, _line_in(written, cell["id"], mark), words, "Run: autograder build")
                break


def _line_in(notebook: str, cell: str, mark: str) -> int:
    """The line of a notebook's JSON where `mark` stands, in the cell of that id."""
    lines = notebook.splitlines()
    start = next((n for n, line in enumerate(lines) if f'"id": "{cell}"' in line), 0)
    inside = json.dumps(mark, ensure_ascii=False)[1:-1]
    return next((n for n, line in enumerate(lines[start:], start + 1) if inside in line), start + 1)


def _links(s: Subject) -> Found:
    for cell in _prose(s.text):
        for offset, line in enumerate(cell.source.splitlines()):
            for match in _LINK.finditer(line):
                if "://" in match[1] or match[1].startswith("mailto:"):
                    continue
                yield 1
                names = Path(match[1]).parts
                if not (len(names) == 3 and names[0] == ".." and names[2] == f"{names[1]}.ipynb"):
                    remedy = "Link a lesson as ../NN-name/NN-name.ipynb"
                elif names[1] not in s.course.lessons:
                    remedy = f"The lessons are {', '.join(s.course.lessons)}"
                else:
                    continue
                yield cell.problem(f"the link {match[1]!r} leads nowhere", remedy, offset)


def _prose(text: LessonText) -> Iterator[Cell]:
    for block in text.blocks:
        cells = (block,) if isinstance(block, Cell) else (block.prompt, *block.hints, *block.worked)
        yield from (cell for cell in cells if cell.kind == "markdown")


def _details(s: Subject) -> Found:
    import nbformat

    path = s.aside / "source" / s.text.id / f"{s.text.id}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    yield sum(cell.source.count("<details") for cell in cells if cell.cell_type == "markdown")
    broken = [cell.id for cell in cells if cell.cell_type == "markdown" and not _well_formed(cell.source)]
    remedy = "Write <details>, <summary>…</summary>, a blank line, the text, a blank line, </details>."
    for cell in _prose(s.text):
        if not _well_formed(cell.source):
            lines = cell.source.splitlines()
            offset = next(n for n, line in enumerate(lines) if "<details" in line or "</details" in line)
            yield cell.problem("a <details> block is not well formed", remedy, offset)
            broken = broken[1:]
    for name in broken:  # no author wrote these
        yield Problem(s.text.path, 1, f"the <details> block of cell {name!r} is not well formed", remedy)


def _well_formed(markdown: str) -> bool:
    opened, closed = markdown.count("<details"), markdown.count("</details>")
    return opened == closed == len(_DETAILS.findall(markdown))


def _fresh(s: Subject) -> Found:
    for kind in ("source", "release"):
        new, old = s.aside / kind / s.text.id, s.course.root / kind / s.text.id
        for path in files_in(new):
            yield 1
            here = old / path
            if not here.exists() or not filecmp.cmp(new / path, here, shallow=False):
                state = "differs from what the lesson gives" if here.exists() else "is missing"
                yield Problem(here, 1, f"the built file {state}", f"Run: autograder build {s.text.number}")
        for path in files_in(old):
            if not (new / path).exists():
                remedy = f"Run: autograder build {s.text.number}, which removes it"
                yield Problem(old / path, 1, "this file is not built from the lesson", remedy)


PROMISES: tuple[tuple[str, Callable[[Subject], Found]], ...] = (
    ("each cell has a known role, its keys and its form", _cells),
    ("the Markdown is in canonical form", _canonical),
    ("graded cells need no figure", _figures),
    ("an untouched stub is not attempted", _stubs),
    ("the solution is right", _solutions),
    ("the proof reaches the same value", _proofs),
    ("each mistake brings its own feedback", _mistakes),
    ("answers and mistakes are pairwise apart", _apart),
    ("check and hidden test agree to the last float", _agreement),
    ("no hint or feedback gives an answer away", _hints),
    ("no reference stands before its worked solution", _spoilers),
    ("the release holds no solution and no test", _release),
    ("links between lessons resolve", _links),
    ("<details> blocks are well formed", _details),
    ("the built files are fresh", _fresh),
)
