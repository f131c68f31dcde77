"""What a notebook's cells may show: so much each, and so much together, whatever form it has."""

from __future__ import annotations

import json

import pytest
from nbformat.v4 import new_code_cell

from autograder.grading.execution.outputs import CELLS, CUT, Outputs

MOST = 10_000


def deep(text: str) -> object:
    value: object = text
    for _ in range(40):
        value = [value]
    return value


BIG = "x" * (MOST // 2)
FRAMES = {
    "text": {"data": {"text/plain": BIG}, "metadata": {}},
    "a deep value": {"data": {"application/json": deep(BIG)}, "metadata": {}},
    "a key of the metadata": {"data": {"text/plain": "x"}, "metadata": {BIG: 1}},
    "a key of the value": {"data": {"application/json": {BIG: 1}}, "metadata": {}},
    "many numbers": {"data": {"application/json": [1] * (MOST // 32)}, "metadata": {}},
    "many empty objects": {"data": {"application/json": [{}] * (MOST // 16)}, "metadata": {}},
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_cell_shows_no_more_than_it_may(name: str) -> None:
    outputs, cell = Outputs(MOST), new_code_cell("x")
    outputs.start(cell)
    for _ in range(100):
        outputs.add({"type": "output", "kind": "display_data", "content": FRAMES[name], "parent": ""})
    assert len(json.dumps(cell.outputs)) < 3 * MOST
    assert [output for output in cell.outputs if output.get("text") == CUT] == cell.outputs[-1:]


@pytest.mark.parametrize("name", FRAMES)
def test_all_cells_together_show_no_more_than_some_full_ones(name: str) -> None:
    outputs, cells = Outputs(MOST), [new_code_cell("x") for _ in range(100)]
    for cell in cells:
        outputs.start(cell)
        outputs.add({"type": "output", "kind": "display_data", "content": FRAMES[name], "parent": ""})
    assert len(json.dumps([cell.outputs for cell in cells])) < 3 * CELLS * MOST
    assert not cells[0].outputs[-1].get("text") and cells[-1].outputs[-1].text == CUT


def test_an_error_at_the_end_of_a_flood_is_kept_and_is_short() -> None:
    outputs, cell = Outputs(MOST), new_code_cell("x")
    outputs.start(cell)
    for _ in range(3):
        stream = {"name": "stdout", "text": "x" * MOST}
        outputs.add({"type": "output", "kind": "stream", "content": stream, "parent": ""})
    error = {"ename": "ValueError", "evalue": "x" * MOST, "traceback": ["x" * MOST]}
    for _ in range(50):
        outputs.add({"type": "output", "kind": "error", "content": error, "parent": ""})
    assert [output.ename for output in cell.outputs if output.output_type == "error"] == ["ValueError"]
    assert len(json.dumps(cell.outputs)) < 1000
