"""The tests of a lesson can run apart from the learner's process, so that no trial has to find it out.

A lesson is graded with `c.Autograder.wall = "always"`: what a test gives apart is its mark. That is fair only
where its text reaches nothing but values, and where no test needs what another one set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from autograder.authoring.checks.context import Found, Subject
from autograder.core.errors import Problem
from autograder.grading.trial.flow import bound_tests
from autograder.grading.trial.reading.definitions import Library
from autograder.grading.trial.reading.notebook_cells import CodeCell, Kind, code_cells
from autograder.grading.trial.reading.reach import Reach
from autograder.grading.trial.reading.reaching_names import OF_FILES
from autograder.grading.trial.reading.reasons import Reason


def apart(s: Subject) -> Found:
    """Nothing in a test's text reaches past values, and no test shares names with another cell."""
    path = s.aside / "source" / s.text.id / f"{s.text.id}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))["cells"]
    cells = code_cells([{**cell, "source": "".join(cell["source"])} for cell in notebook])
    files = {
        one.relative_to(path.parent).as_posix(): one.read_bytes()
        for one in path.parent.rglob("*.py")
        if one.is_file()
    }
    for test, reasons in _reasons(cells, files):
        yield 1
        for reason in reasons[:1]:
            line = test.source.splitlines()[reason.line - 1] if reason.line else ""
            yield Problem(
                s.text.path, _line(s, test.name, line), f"this test cannot run apart: {reason.text}", _REMEDY
            )


_REMEDY = "Compare values only: no patching, seeds, subclasses or names that another test sets."


def _reasons(cells: tuple[CodeCell, ...], files: dict[str, bytes]) -> Iterator[tuple[CodeCell, list[Reason]]]:
    """Each test, and why it cannot run apart: nothing where it can."""
    tests = [cell for cell in cells if cell.kind is Kind.TEST]
    reader = Reach(cells, Library(cells, files, frozenset()))
    bound = bound_tests(cells, [test.name for test in tests], [])
    for test in tests:
        # The lesson's own files are there in both processes, and a learner's in neither.
        reaching = [one for one in reader.reasons(test) if not any(words in one.text for words in OF_FILES)]
        yield test, [*reaching, *([bound[test.name]] if test.name in bound else [])]


def _line(s: Subject, test: str, line: str) -> int:
    """Where `line` of an exercise's test stands in the lesson; the exercise's own where none."""
    one = next(one.text for one in s.evaluated if one.text.id == test)
    for cell in one.tests:
        lines = cell.source.splitlines()
        if line in lines:
            return cell.line + lines.index(line)
    return one.prompt.line
