"""Plain values: what an answer may be, and when two are the same."""

import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.kinds.form import Misfit
from autograder.core.kinds.number import NumberForm
from autograder.core.kinds.registry import form_of
from autograder.core.kinds.true_types import describe
from autograder.core.values import graded, is_blank, same

INF, NAN = math.inf, math.nan


class LyingFloat(float):
    """A float whose own methods claim that it is anything."""

    def __sub__(self, other):
        return 0.0

    __rsub__ = __eq__ = __abs__ = __float__ = __sub__
    __hash__ = float.__hash__


@pytest.mark.parametrize(
    ("value", "reference", "within", "expected"),
    [
        (0.0258, 0.025815, 0.00015, True),
        (0.0252, 0.025815, 0.00015, False),
        (np.float64(0.0258), 0.025815, 0.00015, True),
        (np.float32(0.0258), 0.025815, 0.00015, True),
        (Fraction(1, 2), 0.5, 0.0002, True),
        (Decimal("0.5"), 0.5, 0.0002, True),
        (np.array(0.5), 0.5, 0.0002, True),
        (1, 1.0, 0.0002, True),
        (True, 1.0, 0.0002, False),
        (np.bool_(True), 1.0, 0.0002, False),
        (0.5 + 0j, 0.5, 0.0002, False),
        (np.complex128(0.5), 0.5, 0.0002, False),
        ("0.5", 0.5, 0.0002, False),
        ([0.5], 0.5, 0.0002, False),
        (np.array([0.5]), 0.5, 0.0002, False),
        (NAN, 0.5, 0.0002, False),
        (None, 0.5, 0.0002, False),
        (..., 0.5, 0.0002, False),
        (10**400, 0.5, 0.0002, False),
        (INF, INF, 0.0002, True),
        (-INF, INF, 0.0002, False),
        (1e300, INF, 0.0002, False),
        (INF, 1e300, 0.0002, False),
        (10**400, INF, 0.0002, True),
        (LyingFloat(9.0), 0.5, 0.0002, False),
        (2, 2, 0, True),
        (2.0, 2, 0, True),
        (np.int64(2), 2, 0, True),
        (2.5, 2, 0, False),
        (True, 1, 0, False),
        (INF, 2, 0, False),
        ("Heads ", "heads", 0, True),
        ("tails", "heads", 0, False),
        (True, True, 0, True),
        (np.bool_(True), True, 0, True),
        (1, True, 0, False),
        ([1.0, 2.0], [1.0, 2.0], 0.1, True),
        ((1.0, 2.0), [1.0, 2.05], 0.1, True),
        (np.array([1.0, 2.0]), [1.0, 2.0], 0.1, True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]], 0, True),
        (np.array([1, 2, 3, 4]), [[1, 2], [3, 4]], 0, False),
        ([1.0], [1.0, 2.0], 0.1, False),
        ({"a": 1.0, "b": [2.0]}, {"a": 1.0, "b": [2.0]}, 0.1, True),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}, 0.1, False),
        ([1.0, 2.0], {"a": 1.0, "b": 2.0}, 0.1, False),
    ],
)
def test_same(value, reference, within, expected):
    assert same(value, reference, within) is expected


def test_a_list_that_holds_itself_is_no_number():
    endless: list = []
    endless.append(endless)
    assert not same(endless, [[1.0]], 0.1)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e3))
def test_the_tolerance_is_absolute_and_closed(reference, within):
    assert same(reference, reference, within)
    for side in (-1, 1):
        edge = reference + side * within
        assert same(edge, reference, within) == (abs(edge - reference) <= within)
        assert not same(reference + side * (3 * within + 1e-6 * abs(reference)), reference, within)


@given(
    st.recursive(
        st.floats(allow_nan=False) | st.integers() | st.booleans(), lambda s: st.lists(s, max_size=3)
    )
)
def test_a_value_is_the_same_as_itself(value):
    assert same(value, value)
    assert [value] == list(form_of(value).leaves(value)) or isinstance(value, list)


@pytest.mark.parametrize(
    ("value", "tolerance", "expected"),
    [
        (0.025815408455028468, 0.00015, 0.025815),
        (0.5551879104406438, 0.000001, 0.55518791),
        (0.5551879104406438, 0.001, 0.55519),
        (INF, 0.0002, INF),
        (2, 0.0002, 2),
        (-0.0, 0.0002, 0.0),
        (np.array([1 / 3, 2 / 3]), 0.01, [0.3333, 0.6667]),
        ((1 / 3, "a", True), 0.01, (0.3333, "a", True)),
        ({"k": 1 / 3}, 0.01, {"k": 0.3333}),
    ],
)
def test_a_graded_value_stands_on_the_grid_of_its_tolerance(value, tolerance, expected):
    assert graded(value, tolerance) == expected
    assert str(graded(value, tolerance)) == str(expected)


@pytest.mark.parametrize("value", [1j, NAN, object(), np.array([1j]), [NAN]])
def test_what_cannot_be_an_answer(value):
    with pytest.raises(TypeError):
        form_of(value)


@pytest.mark.parametrize("leaf", [INF, -INF, 0.1, 3, "inf", True])
def test_json_round_trip(leaf):
    form = form_of(leaf)
    back = form.decode(json.loads(json.dumps(form.encode(leaf))))
    assert back == leaf and type(back) is type(leaf)


@pytest.mark.parametrize("value", [None, ..., [None], (1.0, ...), [..., ...]])
def test_blank(value):
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, 0.0, "", [], False, "...", [1.0], np.array([1.0])])
def test_not_blank(value):
    assert not is_blank(value)


class Hostile:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")


def test_describe_and_leaves_never_call_the_values_own_code():
    assert "Hostile" in describe(Hostile())
    with pytest.raises(Misfit):
        list(NumberForm().leaves(Hostile()))


def test_describe_is_short():
    for value in ("x" * 10_000, list(range(10_000)), np.zeros((10_000, 2)), type("N" * 500, (), {})()):
        assert len(describe(value)) < 80
