"""Inputs moved by a hair: which numbers move, and that nothing does outside of that."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from autograder.authoring.evaluation import moved_inputs


def run(code: str) -> dict:
    names: dict = {}
    exec(compile(moved_inputs.moved(ast.parse(code)), "cell", "exec"), names)
    return names


@pytest.mark.parametrize("code", ["x = 0.3", "x = 2.5 * 1", "x = [0.5, 0.7][1]", "x = sum([0.1, 7.0])"])
def test_typed_decimals_move(code):
    plain = run(code)["x"]
    with moved_inputs.inputs():
        moved = run(code)["x"]
    assert moved != plain and abs(moved - plain) < 1e-12


@pytest.mark.parametrize(
    "code",
    ["x = 3", "x = 1.0", "x = 0.0", "x = '0.3'", "x = round(2.0 / 1, ndigits=3) and 1", "x = [4, 5][1]"],
)
def test_whole_numbers_ends_and_keywords_stay(code):
    plain = run(code)["x"]
    with moved_inputs.inputs():
        assert run(code)["x"] == plain


def test_names_of_given_cells_move_whatever_holds_the_numbers():
    names = {
        "p": np.array([0.4, 1.0, 0.0]),
        "n": np.array([3, 4]),
        "k": {"a": [0.3, (0.2,)]},
        "s": np.float64(0.7),
    }
    names["kept"] = kept = 0.25
    before = {"kept": kept}
    original = dict(names)
    with moved_inputs.inputs():
        moved_inputs.move(names, before)
    assert names["p"][0] != 0.4 and list(names["p"][1:]) == [1.0, 0.0]
    assert names["n"] is original["n"] and names["kept"] == 0.25
    assert names["k"]["a"][0] != 0.3 and names["k"]["a"][1][0] != 0.2 and names["s"] != 0.7
    assert original["p"][0] == 0.4, "the array of the lesson itself is left alone"


def test_outside_nothing_moves():
    names = {"x": 0.3}
    moved_inputs.move(names, {})
    assert names == {"x": 0.3} and run("x = 0.3")["x"] == 0.3
