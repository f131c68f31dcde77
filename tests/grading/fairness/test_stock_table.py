"""The table of stock's marks is what stock nbgrader gives: some minutes of kernels."""

import pytest

from tests.support.styles import corpus, stock_table

ALL = [corpus.quicker(style) for style in (*corpus.strangers(), *corpus.further())]
HERE = [style for style in ALL if not corpus.missing(style)]


@pytest.mark.slow
def test_the_table_is_fresh():
    table = stock_table.read()
    measured = {name: marks for some in stock_table.measured(HERE) for name, marks in some.items()}
    assert {name: marks for name, marks in measured.items() if table.get(name) != marks} == {}
