"""Whatever a student's process sends as an output becomes one that the notebook format has, or none."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grading.execution.outputs import Outputs


def outputs_of(kind, **content):
    cell = new_code_cell("x")
    collected = Outputs(10_000)
    collected.start(cell)
    collected.add({"kind": kind, "content": content})
    nbformat.validate(new_notebook(cells=[cell]))
    return cell.outputs


@pytest.mark.parametrize("count", [-1, -(10**30), 1.5, "1", True, None, [1]])
def test_a_count_that_is_none_is_left_out(count):
    (output,) = outputs_of("execute_result", data={"text/plain": "3"}, metadata={}, execution_count=count)
    assert output.execution_count is None
    assert output.data == {"text/plain": "3"}


@pytest.mark.parametrize(
    "kind",
    [
        "x",
        "",
        "json",
        "x/json",
        "a b/c",
        "/",
        "text/",
        "application/json\n",
        "a" * 9_000,
        "é/json",
        "\x1b[0m",
    ],
)
@pytest.mark.parametrize("item", [{"a": 1}, [1], 3, None, "text"])
def test_what_the_format_has_no_place_for_is_left_out(kind, item):
    (output,) = outputs_of("display_data", data={kind: item, "text/plain": "3"}, metadata={})
    assert set(output.data) - {kind} == {"text/plain"}
    if not (kind == "x/json" and item == "text"):
        assert output.data == {"text/plain": "3"}


@pytest.mark.parametrize("kind", ["application/json", "application/vnd.plotly.v1+json"])
def test_json_stays_where_the_format_has_it(kind):
    (output,) = outputs_of("execute_result", data={kind: {"a": [1]}}, metadata={}, execution_count=2)
    assert output.data == {kind: {"a": [1]}} and output.execution_count == 2
