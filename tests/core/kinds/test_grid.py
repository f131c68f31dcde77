"""The decimal grid on which every number is written down: the same point for all that rounding may give."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograder.core.kinds.grid import decimals, misfit, on_grid, to_edge

TOLERANCES = st.sampled_from([0.5, 0.01, 0.005, 0.0002, 0.00015, 0.00005, 1e-6, 1e-7])
VALUES = st.floats(-1e4, 1e4)


@given(VALUES, TOLERANCES)
def test_a_point_is_within_a_step_of_its_value_and_stays_where_it_is(value, tolerance):
    assume(not misfit(value, tolerance))
    step = 10.0 ** -decimals(value, tolerance)
    point = on_grid(value, tolerance)
    assert step <= tolerance / 10
    assert abs(point - value) <= 0.62 * step + math.ulp(value)
    assert on_grid(point, tolerance) == point


@given(VALUES, TOLERANCES, st.floats(-1, 1))
def test_a_value_that_is_further_from_an_edge_than_it_trembles_keeps_its_point(value, tolerance, share):
    assume(not misfit(value, tolerance))
    reach = to_edge(value, tolerance)
    assume(reach > 100 * math.ulp(value))
    assert on_grid(value + 0.9 * share * reach, tolerance) == on_grid(value, tolerance)


@given(st.integers(-(10**6), 10**6), st.sampled_from([2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 16, 100]))
def test_simple_fractions_of_a_step_lie_far_from_every_edge(count, parts):
    value = count / parts * 1e-6  # the grid of 0.0002 has steps of a millionth
    assert to_edge(value, 0.0002) > 1e-6 / (4 * parts**2)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinities_and_exact_answers_have_no_grid(value):
    assert on_grid(value, 0.0002) == value and to_edge(value, 0.0002) == math.inf
    assert on_grid(1 / 3, 0.0) == 1 / 3 and to_edge(1 / 3, 0.0) == math.inf
    assert misfit(value, 0.0002) == misfit(1e300, 0.0) == ""


@pytest.mark.parametrize(
    ("value", "tolerance", "words"),
    [
        (0.5, 1e-8, "too fine for 0.5"),
        (0.09, 1e-8, ""),
        (0.5, 1e-7, ""),
        (123456.0, 1e-6, "too large"),
        (1e57, 0.0002, "too large"),
        (123456.0, 0.0002, ""),
    ],
)
def test_what_no_two_machines_would_write_alike_is_refused(value, tolerance, words):
    assert (words in misfit(value, tolerance)) if words else misfit(value, tolerance) == ""


def test_minus_zero_is_zero():
    assert str(on_grid(-0.0, 0.0002)) == str(on_grid(-1e-12, 0.0002)) == "0.0"
