"""A right answer earns what stock nbgrader gives it, and a wrong one no more, however a test is written.

The styles are other people's: a solution and a test each, some with files. `stock_marks.json` holds what
stock nbgrader gives; a slow test proves it fresh.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.styles import corpus, course, grading, stock_table
from tests.support.styles.notebook_text import Style

STYLES = {style.name: corpus.quicker(style) for style in (*corpus.strangers(), *corpus.further())}
HERE = [style for style in STYLES.values() if not corpus.missing(style)]
QUICK = (
    "counter del-helper fraction patch-input global-read import-it linked-list dunder-ops str-compare"
    " own-exception np-seed given-object asserts-in-function student-import"
).split()
OTHERWISE = {
    # Nobody gave the style its module, test.py; stock finds Python's own, the engine that of the test suite.
    "helper-test",
}


def differing(root: Path, styles: list[Style]) -> dict[str, object]:
    """The styles whose marks are not stock's: by style what the engine gives, and stock."""
    found = course.write(root, styles)
    marks, table = grading.engine(root, found), stock_table.read()
    return {
        style.name: (marks.get(style.name), table[style.name])
        for style in styles
        if marks.get(style.name) != table[style.name] and style.name not in OTHERWISE
    }


def test_the_table_has_a_row_for_every_style_and_student() -> None:
    table = stock_table.read()
    assert len(STYLES) >= 140
    assert {name: sorted(table[name]) for name in table} == {
        name: sorted(style.students) for name, style in STYLES.items()
    }


def test_some_styles_earn_what_stock_gives(tmp_path: Path) -> None:
    assert differing(tmp_path / "course", [style for style in HERE if style.name in QUICK]) == {}


@pytest.mark.slow
def test_every_style_earns_what_stock_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "course"
    assert differing(root, HERE) == {}
    isolated, tests = grading.isolated_and_all(root)
    with capsys.disabled():
        print(f"\n{len(HERE)} styles, {tests} tests: {isolated} isolated, {tests - isolated} as in nbgrader")
    assert isolated > tests / 3


@pytest.mark.slow
def test_the_table_is_fresh() -> None:
    table = stock_table.read()
    some = HERE[::6]  # all of them take stock nbgrader a quarter of an hour
    measured = {name: marks for part in stock_table.measured(some) for name, marks in part.items()}
    assert {name: marks for name, marks in measured.items() if table.get(name) != marks} == {}
