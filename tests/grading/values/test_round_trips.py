"""Values of Python and numpy come over as what they are: the same type, the same parts."""

import datetime as dt
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.support.crossing import crossed, identical

ZONES = (
    st.none()
    | st.timezones()
    | st.builds(dt.timezone, st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)))
)
HASHABLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**9999), 2**9999)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
    | st.fractions()
    | st.decimals().filter(lambda number: not number.is_snan())
    | st.dates()
    | st.datetimes(timezones=ZONES)
    | st.times()
    | st.timedeltas()
    | st.sampled_from([..., NotImplemented, int, list, np.float32, np.int64(3), Path("/a/b.txt")])
)
ARRAYS = hnp.arrays(
    hnp.scalar_dtypes() | hnp.unicode_string_dtypes(max_len=5) | hnp.byte_string_dtypes(max_len=5),
    hnp.array_shapes(min_dims=0, min_side=0, max_side=3, max_dims=3),
    fill=st.nothing(),
)


@st.composite
def keys(draw):
    """What can be a key, or a member of a set."""
    return draw(HASHABLE | st.tuples(HASHABLE, HASHABLE) | st.frozensets(HASHABLE, max_size=2))


@st.composite
def tables(draw, inner):
    return draw(st.dictionaries(keys(), inner, max_size=3))


@st.composite
def containers(draw, inner):
    ends = st.none() | st.integers()
    kinds = [
        st.lists(inner, max_size=12),
        st.tuples(inner, inner),
        tables(inner),
        tables(inner).map(OrderedDict),
        tables(inner).map(lambda table: defaultdict(list, table)),
        st.sets(keys(), max_size=4),
        st.lists(keys(), max_size=5).map(Counter),
        st.builds(deque, st.lists(inner, max_size=3), st.none() | st.integers(3, 9)),
        st.builds(slice, ends, ends, ends),
        st.binary().map(bytearray),
        st.builds(range, st.integers(0, 99), st.integers(-999, 999), st.sampled_from([-7, 1, 2])),
    ]
    return draw(draw(st.sampled_from(kinds)))


@settings(deadline=None, max_examples=100)
@given(st.recursive(HASHABLE, containers, max_leaves=10))
def test_a_value_of_python_comes_over_as_it_is(value):
    found, exact = crossed(value)
    assert identical(found, value)
    assert exact


@settings(deadline=None, max_examples=100)
@given(ARRAYS)
def test_an_array_comes_over_as_it_is(value):
    found, exact = crossed([value, value.T, value[..., ::-1] if value.ndim else value])
    assert identical(found[0], value)
    assert exact
    assert found[0].flags.owndata or found[0].size == 0


@pytest.mark.parametrize(
    "value",
    [
        np.arange(10)[::-3],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.broadcast_to(np.arange(3), (2, 3)),
        np.array(["a", None, [1, 2], Fraction(1, 2)], dtype=object),
        np.array([[1, 2], [3, "x"]], dtype=object, order="F"),
        np.zeros((0, 3, 0)),
        np.array([], "U1"),
        np.array(["NaT", "2020-02-03"], "M8[D]"),
        np.array([(1, [2.5, 3.5], "x")], [("a", "i4"), ("b", "f8", (2,)), ("c", "U3")]),
        np.zeros(2, np.dtype([("a", "i1"), ("b", "f8")], align=True)),
        np.array([1 + 2j], np.clongdouble),
    ],
    ids=lambda value: f"{value.dtype.str}{value.shape}",
)
def test_arrays_of_every_layout(value):
    found, exact = crossed(value)
    assert exact
    assert type(found) is np.ndarray and found.dtype == value.dtype and found.shape == value.shape
    assert str(found) == str(value)
    assert found.flags.writeable == value.flags.writeable
    if value.flags.contiguous:
        assert found.flags.f_contiguous == value.flags.f_contiguous


@pytest.mark.parametrize(
    "value",
    [
        np.float32(0.1),
        np.longdouble("0.1"),
        np.int8(-3),
        np.bool_(True),
        np.str_("ab"),
        np.bytes_(b"ab"),
        np.datetime64("2020-02"),
        np.timedelta64(3, "h"),
        np.void((1, 2.5), dtype="i4,f8"),
        np.dtype("f4"),
        np.dtype(object),
        np.dtype([("a", "i4"), ("b", "U2", (2,))]),
        np.matrix([[1, 2], [3, 4]]),
        PurePosixPath("a//b"),
        PureWindowsPath("c:\\x"),
        ZoneInfo("Europe/Berlin"),
        dt.UTC,
        dt.timezone(dt.timedelta(hours=-3), "X"),
        dt.datetime(2020, 10, 25, 2, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
        Decimal("sNaN12"),
        Decimal("-0E-10"),
        deque(maxlen=2),
        defaultdict(None, a=1),
        defaultdict(Counter),
    ],
    ids=repr,
)
def test_what_else_comes_over_as_it_is(value):
    found, exact = crossed(value)
    assert exact
    assert type(found) is type(value)
    assert repr(found) == repr(value)


def test_utc_is_the_one_that_everybody_has():
    assert crossed(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))[0].tzinfo is dt.UTC


def test_masked_arrays_keep_what_is_below_the_mask():
    value = np.ma.array([1, 2, 3], mask=[0, 1, 0], fill_value=9, hard_mask=True)
    found, exact = crossed([value, np.ma.masked, np.ma.array([1.5])])
    assert exact and type(found[0]) is np.ma.MaskedArray
    assert found[0].data.tolist() == [1, 2, 3] and found[0].mask.tolist() == [False, True, False]
    assert found[0].fill_value == 9 and found[0].hardmask
    assert found[1] is np.ma.masked
    assert found[2].mask is np.ma.nomask
