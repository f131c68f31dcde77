"""Hostile parts of what scipy, pandas and sympy are made of: refused before the library sees them."""

import sys

import pytest

from autograder.grading.values.budget import CannotCross
from tests.support.crossing import PRIME, decoded, numbers, raw

BY_THE_LIBRARY = {"a name that has no hash", "facts that cannot be"}
"""What Python or the library refuses, and safely; all else is refused before they are asked."""


def objects(values):
    return {"objects": [[len(values)], "C", values]}


def csr(shape, indices, indptr, values=(1.0,), kind="csr_matrix", index_kind="<i4"):
    parts = [numbers(values, "<f8"), numbers(indices, index_kind), numbers(indptr, index_kind)]
    return {"sparse": [kind, shape, parts]}


SPARSE = {
    "an index out of range": csr([1, 2], [5_000_000], [0, 1]),
    "an index below zero": csr([1, 2], [-3], [0, 1]),
    "pointers behind the end": csr([1, 2], [0], [0, 9]),
    "pointers that go back": csr([3, 2], [0], [0, 9, 0, 1]),
    "pointers that begin later": csr([1, 2], [0], [1, 1]),
    "fewer pointers": csr([2, 2], [0], [0, 1]),
    "a column out of range": csr([1, 2], [1], [0, 1, 1], kind="csc_array"),
    "blocks that do not fit": {
        "sparse": [
            "bsr_matrix",
            [3, 3],
            [{"array": ["<f8", [1, 2, 2], "C", raw(bytes(32))]}, numbers([0]), numbers([0, 1])],
        ]
    },
    "blocks of no size": {
        "sparse": [
            "bsr_matrix",
            [2, 2],
            [{"array": ["<f8", [1, 0, 2], "C", ""]}, numbers([0]), numbers([0, 1])],
        ]
    },
    "a place out of range": {
        "sparse": ["coo_matrix", [2, 2], [numbers([1.0], "<f8"), numbers([0]), numbers([2])]]
    },
    "a place below zero": {
        "sparse": ["coo_array", [2, 2], [numbers([1.0], "<f8"), numbers([-1]), numbers([0])]]
    },
    "a diagonal out of range": {
        "sparse": ["dia_matrix", [2, 2], [{"array": ["<f8", [1, 1], "C", raw(bytes(8))]}, numbers([-9])]]
    },
    "a diagonal twice": {
        "sparse": ["dia_matrix", [2, 2], [{"array": ["<f8", [2, 1], "C", raw(bytes(16))]}, numbers([0, 0])]]
    },
    "a form of anywhere": csr([1, 1], [0], [0, 1], kind="save_npz"),
    "indices in another order of bytes": csr([1, 2], [0], [0, 1], index_kind=">i4"),
    "a long side": csr([10**12, 1], [0], [0, 1], kind="csc_matrix"),
}


@pytest.mark.parametrize("name", SPARSE)
def test_a_hostile_sparse_matrix_is_refused(name):
    pytest.importorskip("scipy.sparse")
    with pytest.raises(CannotCross) as refused:
        decoded(SPARSE[name])
    assert ("malformed" in str(refused.value)) is (name in BY_THE_LIBRARY)


def column(data, kind="of-numpy"):
    return {kind: data}


INDEX = {"range-index": [0, 2, 1, None]}
PANDAS = {
    "a series longer than its index": {"series": [None, INDEX, column(numbers([1, 2, 3]))]},
    "a series of two axes": {"series": [None, INDEX, column(numbers([[1, 2], [3, 4]]))]},
    "a series of a list": {"series": [None, INDEX, column([1, 2])]},
    "an index that is a list": {"series": [None, [0, 1], column(numbers([1, 2]))]},
    "a name that has no hash": {"series": [[1], INDEX, column(numbers([1, 2]))]},
    "a long range": {"range-index": [0, 10**12, 1, None]},
    "a range without a step": {"range-index": [0, 1, 0, None]},
    "a frame of fewer columns": {"frame": [INDEX, INDEX, [column(numbers([1, 2]))]]},
    "a frame of a long column": {"frame": [INDEX, {"range-index": [0, 1, 1, None]}, [column(numbers([1]))]]},
    "a category that is not there": {
        "series": [None, INDEX, {"of-categories": [numbers([0, 7]), {"range-index": [0, 2, 1, None]}, False]}]
    },
    "a category below all": {
        "series": [
            None,
            INDEX,
            {"of-categories": [numbers([0, -2]), {"range-index": [0, 2, 1, None]}, False]},
        ]
    },
    "categories of a list": {"series": [None, INDEX, {"of-categories": [numbers([0, 0]), [1], False]}]},
    "gaps of another column": {
        "series": [None, INDEX, {"with-gaps": ["IntegerArray", numbers([1, 2]), numbers([1, 2])]}]
    },
    "gaps in another class": {
        "series": [None, INDEX, {"with-gaps": ["os", numbers([1, 2]), numbers([1, 2])]}]
    },
    "text that is none": {"series": [None, INDEX, {"of-text": ["nan", ["a", 1]]}]},
    "a column of Arrow": {"series": [None, INDEX, {"of-arrow": raw([1])}]},
    "times in no unit": {"index": [column(numbers([1], "<M8[D]")), None]},
    "a step that is code": {"times-index": [column(numbers([1], "<M8[ns]")), None, "__import__('os')"]},
    "a code that is in no level": {"levels-index": [[INDEX], [numbers([5])], [None]]},
    "codes of other lengths": {
        "levels-index": [[INDEX, INDEX], [numbers([0]), numbers([0, 1])], [None, None]]
    },
    "no levels": {"levels-index": [[], [], []]},
    "a million columns": {
        "frame": [INDEX, {"range-index": [0, 30_000, 1, None]}, [column(numbers([1, 2]))] * 30_000]
    },
    "objects of one hash": {
        "index": [column(objects([{"int": hex(n * PRIME)} for n in range(1, 6_000)])), None]
    },
    "a moment out of time": {"pandas-moment": ["9" * 20, "ns", None, 0]},
    "a moment in words": {"pandas-moment": ["now", "ns", None, 0]},
    "a moment in years": {"pandas-moment": ["1", "Y", None, 0]},
}


@pytest.mark.parametrize("name", PANDAS)
def test_hostile_data_of_pandas_is_refused(name):
    pytest.importorskip("pandas")
    with pytest.raises(CannotCross) as refused:
        decoded(PANDAS[name])
    assert ("malformed" in str(refused.value)) is (name in BY_THE_LIBRARY)


def number(above, below=1):
    return {"formula-number": [above, below]}


SYMPY = {
    "a text to be parsed": {"formula": ["Add", ["__import__('os')", "x"]]},
    "a text as the whole": {"formula": "x + 1"},
    "a class of anywhere": {"formula": ["sympify", [number(1)]]},
    "a Python number": {"formula": ["Add", [1, 2]]},
    "a power of a power": {"formula": ["Pow", [number(10), number(10**9)]]},
    "a power of a long number": {"formula": ["Pow", [number(hex(2**9_000)), number(9)]]},
    "a root of a high power": {"formula": ["Pow", [number(2), number(10**9, 7)]]},
    "a factorial": {"formula": ["factorial", [number(10**9)]]},
    "a gamma function": {"formula": ["gamma", [number(10**9)]]},
    "a number by zero": number(1, 0),
    "a float of a large exponent": {"formula-float": [0, 1, 10**9, 53]},
    "a float of high precision": {"formula-float": [0, 1, 0, 10**9]},
    "a fact of anywhere": {"formula-symbol": ["x", [["evaluate", True]]]},
    "facts that cannot be": {"formula-symbol": ["x", [["positive", True], ["negative", True]]]},
    "a fact that is no truth value": {"formula-symbol": ["x", [["positive", 1]]]},
    "a constant of anywhere": {"formula-constant": "__class__"},
    "a matrix of another size": {"formula-matrix": [True, 2, 2, [number(1)]]},
    "a matrix of Python's numbers": {"formula-matrix": [True, 1, 1, [1]]},
    "a matrix of a long side": {"formula-matrix": [True, 0, 10**9, []]},
    "a list inside": {"formula": ["Tuple", [[1]]]},
}


@pytest.mark.parametrize("name", SYMPY)
def test_a_hostile_formula_is_refused(name):
    pytest.importorskip("sympy")
    with pytest.raises(CannotCross) as refused:
        decoded(SYMPY[name])
    assert ("malformed" in str(refused.value)) is (name in BY_THE_LIBRARY)


def test_without_the_library_it_is_refused(monkeypatch):
    for name, data in (("pandas", INDEX), ("scipy", SPARSE["fewer pointers"]), ("sympy", number(1))):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(CannotCross):
            decoded(data)
