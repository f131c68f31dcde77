"""What a message keeps of identity, and what of it crosses as a reference or inexactly."""

import collections
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.decoder import Decoder
from autograder.grading.values.encoder import Encoder
from tests.support.crossing import crossed, identical, refuse


def test_a_message_keeps_who_is_who():
    one, array = [1], np.zeros(2)
    found, exact = crossed([one, one, {"k": one}, (array, array), [one[0]]])
    assert found[0] is found[1] is found[2]["k"] and found[0] is not found[4]
    assert found[3][0] is found[3][1]
    assert exact


def test_a_second_message_with_the_same_list_is_not_exact():
    one, earlier, decoder = [1], set(), Decoder(refuse)
    for message, exact in ((one, True), ([2], True), ({"k": one}, False)):
        found = decoder.decode(Encoder(refuse, earlier=earlier).encode(message))
        assert identical(found, message)
        assert decoder.exact is exact


def test_a_namedtuple_comes_over_as_a_tuple_with_names():
    point = collections.namedtuple("Point", "x y")(3, [4])
    found, exact = crossed(point)
    assert found == (3, [4]) and found.x == 3 and repr(found) == "Point(x=3, y=[4])"
    assert isinstance(found, tuple) and not exact


class Money(int):
    """A number with a method of its own."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


class Point(collections.namedtuple("Point", "x y")):
    """A namedtuple with a method of its own."""

    def norm(self):
        return 0


@pytest.mark.parametrize(
    "value",
    [
        Money(3),
        Point(1, 2),
        np.array([1, Money(2)], dtype=object),
        {Money(3): 1},
        {1, Money(3)},
        defaultdict(lambda: 0),
        Decimal("1E10001"),
        Fraction(1, 2**10_001),
        2**10_001,
        type("Own", (), {}),
        np.array([1], [("a", "i4")]).view(np.recarray),
        np.frombuffer(b"abcd", "V4"),
        range(10**12),
        np.ma.array([object()]),
        dt.datetime(2020, 1, 1, tzinfo=type("Zone", (dt.tzinfo,), {})()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_cannot_cross_wholly_crosses_as_one_reference(value):
    seen = []

    def refer(part):
        seen.append(part)
        return {"ref": 7}

    try:
        data = Encoder(refer).encode([[1], value, [2]])
    except CannotCross:  # too large
        assert type(value) is range
        return
    assert len(seen) == 1 and seen[0] is value
    decoder = Decoder(lambda data: data["ref"])
    assert decoder.decode(data) == [[1], 7, [2]]
    assert not decoder.exact


def test_parts_of_what_became_a_reference_are_not_counted():
    inner, last = [1], [2]
    half = np.array([inner, last, object()], dtype=object)
    data = Encoder(lambda value: {"ref": 7}).encode([half, last, last, inner])
    found = Decoder(lambda data: "object").decode(data)
    assert found == ["object", [2], [2], [1]]
    assert found[1] is found[2]


def test_a_value_inside_itself_does_not_cross():
    endless: list = []
    endless.append({"k": endless})
    with pytest.raises(CannotCross):
        crossed(endless)


def test_the_same_object_twice_is_one_reference():
    thing, numbers = object(), iter(range(9))
    data = Encoder(lambda value: {"ref": next(numbers)}).encode([thing, thing, object()])
    assert data == [{"ref": 0}, {"ref": 0}, {"ref": 1}]


def test_long_doubles_bring_none_of_the_memory_of_their_sender():
    dirty = np.frombuffer(np.full(64, 0xAB, np.uint8).tobytes(), np.longdouble).copy()
    dirty[:] = 1.5
    found, _ = crossed(dirty)
    assert (found == 1.5).all()
    if np.finfo(np.longdouble).nmant == 63:
        assert not found.view(np.uint8).reshape(-1, 16)[:, 10:].any()
