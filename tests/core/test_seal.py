"""Sealed answers: they open to the value that earns them, and to no other."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.core.kinds.number import NumberForm
from autograder.core.kinds.registry import form_of
from autograder.core.seal import RIGHT, labels, seal
from autograder.core.slips import CLOSE
from autograder.core.values import near

NUMBER = NumberForm()
TOLERANCES = st.sampled_from([1e-9, 1e-6, 0.00015, 0.0002, 0.006, 0.5, 10.0])
NUMBERS = st.floats(-1e5, 1e5, allow_subnormal=False)


@given(NUMBERS, NUMBERS, TOLERANCES)
def test_a_label_is_earned_exactly_within_the_tolerance(reference, wrong, within):
    records = seal("place", NUMBER, [(RIGHT, reference), ("wrong", wrong)], within)
    for exact, label in ((reference, RIGHT), (wrong, "wrong")):
        for edge in (exact - within, exact + within, exact):
            for value in (edge, math.nextafter(edge, -math.inf), math.nextafter(edge, math.inf)):
                earned = labels(records, "place", NUMBER, value, within)
                assert (label in earned) == near(value, exact, within)


@given(st.floats(1e6, 1e290), TOLERANCES)
def test_a_huge_value_is_sealed_in_a_few_records(reference, within):
    records = seal("place", NUMBER, [(RIGHT, reference)], within)
    assert len(records) <= 60
    value = reference
    for _ in range(6):
        assert (RIGHT in labels(records, "place", NUMBER, value, within)) == near(value, reference, within)
        value = math.nextafter(value, math.inf)


@given(NUMBERS, TOLERANCES, st.floats(-30, 30))
def test_close_is_about_ten_tolerances(reference, within, distance):
    records = seal("place", NUMBER, [(RIGHT, reference)], within)
    value = reference + distance * within
    earned = labels(records, "place", NUMBER, value, within)
    if abs(value - reference) <= 10 * within:
        assert CLOSE in earned
    if abs(value - reference) > 12.5 * within:
        assert CLOSE not in earned


@pytest.mark.parametrize("exact", ["heads", True, False, 2, -3, math.inf, -math.inf])
def test_exact_leaves(exact):
    within = 0.0 if not isinstance(exact, float) else 0.0002
    form = form_of(exact)
    records = seal("place", form, [(RIGHT, form.leaf(exact))], within)
    assert labels(records, "place", form, exact, within) == {RIGHT}
    for other in ("tails", not exact, 7, 7.5, math.inf, -math.inf, 0.0, 1e308):
        if other != exact or isinstance(other, bool) != isinstance(exact, bool):
            assert RIGHT not in labels(records, "place", form, other, within)


@pytest.mark.parametrize(
    ("value", "earned"), [(2.5, {"half"}), (2.5001, {"half"}), (2.6, set()), (2.0001, set())]
)
def test_a_half_is_a_mistake_of_a_whole_number(value, earned):
    """Only what is itself not whole is told within a tolerance."""
    form = form_of(2)
    records = seal("place", form, [(RIGHT, 2), ("half", 2.5)], 0.0)
    assert labels(records, "place", form, form.leaf(value), 0.0) == earned


def test_an_integer_too_long_to_write_out_opens_nothing():
    form = form_of(2)
    assert labels(seal("place", form, [(RIGHT, 2)], 0.0), "place", form, 10**5000, 0.0) == frozenset()


def test_the_records_of_one_place_do_not_open_another():
    records = seal("lesson\0exercise\0a\0000", NUMBER, [(RIGHT, 0.5)], 0.0002)
    assert labels(records, "lesson\0exercise\0a\0000", NUMBER, 0.5, 0.0002) >= {RIGHT}
    assert labels(records, "lesson\0exercise\0b\0000", NUMBER, 0.5, 0.0002) == frozenset()


def test_the_file_says_nothing_of_the_value_and_is_the_same_every_time():
    records = seal("place", NUMBER, [(RIGHT, 0.025815), ("bits", 0.037244)], 0.00015)
    assert records == seal("place", NUMBER, [(RIGHT, 0.025815), ("bits", 0.037244)], 0.00015)
    text = json.dumps(records)
    assert all(word not in text for word in ("258", "bits", "372", "right", "close"))
    # every record is as long as every other: length does not tell right from wrong
    assert len({len(record) for record in records.values()}) <= 2


def test_a_value_too_large_for_its_tolerance_is_refused():
    with pytest.raises(ValueError, match="too large"):
        seal("place", NUMBER, [(RIGHT, 1e305)], 1e-9)
