"""What a function did to its copy of an argument happens to the caller's own."""

from collections import Counter, OrderedDict, defaultdict, deque

import numpy as np
import pytest

from autograder.grading.rpc.in_place import follow, is_mutable


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ([1], [1, 2]),
        ({1}, {2}),
        ({"a": 1}, {"b": 2}),
        (Counter("aab"), Counter("b")),
        (OrderedDict(a=1, b=2), OrderedDict(b=2, a=1)),
        (defaultdict(list, a=[1]), defaultdict(list, a=[1, 2])),
        (deque([1], 3), deque([1, 2], 3)),
        (bytearray(b"a"), bytearray(b"bc")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_containers_follow(mine, theirs):
    same = mine
    assert is_mutable(mine)
    follow(mine, theirs)
    assert same is mine and mine == theirs


def test_arrays_follow():
    mine, masked = np.zeros(3), np.ma.array([1, 2], mask=[0, 0])
    follow(mine, np.arange(3.0))
    follow(masked, np.ma.array([1, 2], mask=[0, 1]))
    assert mine.tolist() == [0, 1, 2] and masked.tolist() == [1, None]


def test_what_became_something_else_is_left_alone():
    mine, array = [1], np.zeros(3)
    follow(mine, (1, 2))
    follow(array, np.zeros(4))
    assert mine == [1] and array.tolist() == [0, 0, 0]
    assert not is_mutable((1,)) and not is_mutable("a")


def test_frames_and_series_follow():
    pd = pytest.importorskip("pandas")
    frame, column = pd.DataFrame({"a": [1, 2], "b": [3, 4]}), pd.Series([1, 2])
    follow(frame, frame.drop(columns="b").iloc[:1])
    follow(column, pd.Series([5], name="x"))
    assert frame.to_dict("list") == {"a": [1]} and column.tolist() == [5]
    frame["c"] = 7
    assert list(frame.columns) == ["a", "c"] and frame.c.tolist() == [7]
