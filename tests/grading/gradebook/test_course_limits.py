"""A course's own time for a cell holds, as it does in nbgrader."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.core.errors import GradingError
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook.course_directory import LONGEST, limits_of
from autograder.grading.sandbox.limits import Limits
from tests.support.styles import course
from tests.support.styles.notebook_text import parse

SLOW = """
=== slow
--- answer
import time
time.sleep(2)
slow = 1
--- wrong
slow = 0
--- test
assert slow == 1
"""


@pytest.mark.parametrize(
    ("line", "cell", "notebook"),
    [
        ("", 30, 300),
        ("c.Execute.timeout = 5", 5, 300),
        ("c.ExecutePreprocessor.timeout = 90", 90, 900),
        ("c.Execute.timeout = None", 30, 300),
        ("c.Execute.timeout = -1", LONGEST, 10 * LONGEST),
    ],
)
def test_the_course_says_how_long_a_cell_may_run(
    tmp_path: Path, line: str, cell: float, notebook: float
) -> None:
    (tmp_path / "nbgrader_config.py").write_text(f"c = get_config()\n{line}\n", encoding="utf-8")
    found = limits_of(tmp_path)
    assert (found.cell_seconds, found.notebook_seconds) == (cell, notebook)
    assert found.memory == Limits().memory


def test_seconds_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text('c.Execute.timeout = "long"\n', encoding="utf-8")
    with pytest.raises(GradingError, match=r"c\.Execute\.timeout = 'long' is no number of seconds"):
        limits_of(tmp_path)


@pytest.mark.parametrize(("seconds", "score"), [(1, 0), (20, 1)])
def test_grading_keeps_to_it(tmp_path: Path, seconds: int, score: float) -> None:
    root = tmp_path / "course"
    course.write(root, list(parse(SLOW)), ["right"])
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"c.Execute.timeout = {seconds}\nc.Autograder.wall = 'never'\n")
    (assignment,) = grade_course(root, settings=Settings(workers=1)).assignments
    (result,) = assignment.submissions
    assert result.score == score
