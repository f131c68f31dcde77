"""What given cells print, draw or fail with is theirs: no test has it among its outputs or its marks."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.styles import course
from tests.support.styles.grading import engine, isolated_and_all
from tests.support.styles.notebook_text import parse

COURSE = """
=== double
--- given
# as a widget does whose function needs an answer
def show():
    try:
        double(1)
    except NameError:
        get_ipython().showtraceback()
show()
--- given
import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
os.write(1, b"written below Python")
print("printed")
--- answer
def double(x):
    return 2 * x
--- wrong
def double(x):
    return x
--- test 1
assert double(2) == 4
--- given
show()
--- test 1
assert double(3) == 6
"""
NAME = "plain-0"


def test_no_output_of_a_given_cell_stands_below_a_test(tmp_path: Path) -> None:
    root = tmp_path / "course"
    marks = engine(root, course.write(root, list(parse(COURSE)), ["right", "wrong"]))["double"]
    assert marks["right"] == {"test-3": 1.0, "test-5": 1.0}
    assert marks["wrong"] == {"test-3": 0.0, "test-5": 0.0}
    assert isolated_and_all(root) == (2, 2)
    (path,) = (root / "autograded" / "right" / NAME).glob("*.ipynb")
    tests = [
        cell
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade")
    ]
    assert [cell["outputs"] for cell in tests] == [[], []]
