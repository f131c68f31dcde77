"""What no encoder of ours writes is refused, and quickly: nothing is built of it, nothing runs."""

import os
import time
from fractions import Fraction

import pytest

from autograder.grading.values import containers, dates
from autograder.grading.values.budget import CannotCross
from autograder.grading.values.containers import few_collisions_of_any
from autograder.grading.values.decoder import Decoder
from tests.support.crossing import PRIME, decoded, numbers, raw


def nested(depth, name):
    data = []
    for _ in range(depth):
        data = {name: [data]} if name else [data]
    return data


def laughing(levels):
    """A list of ten times the one before, ten to the power of the levels when written out."""
    data = [["ha"]]
    for level in range(levels):
        data.append([{"same": level}] * 10)
    return data


PLAIN = {
    "an unknown kind": {"eval": "1"},
    "two kinds": {"float": "1.0", "int": 1},
    "nothing": {},
    "a reference that nobody knows": {"ref": 0},
    "a reference as a key": {"dict": [[{"ref": 0}], [1]]},
    "a text as an integer": {"int": "12"},
    "an integer of a million digits": {"int": "0x" + "f" * 1_000_000},
    "a long integer": {"int": hex(2**10_001)},
    "a long integer as JSON has it": [10**3_100] * 10,
    "an integer that int() would take": {"int": " 0x1_0"},
    "a float of many digits": {"float": "1" * 100_000},
    "a float in words": {"float": "infinity"},
    "a complex number in one piece": {"complex": "4"},
    "a fraction from a text": {"fraction": "1e3000000"},
    "a fraction from texts": {"fraction": ["1e3000000", "1"]},
    "a fraction by zero": {"fraction": [1, 0]},
    "a fraction of large numbers": {"fraction": [1, hex(2**10_001)]},
    "a decimal from a text": {"decimal": "1E400000"},
    "a decimal of a large exponent": {"decimal": [0, 1, 400_000]},
    "a decimal of a small exponent": {"decimal": [0, 1, -400_000]},
    "a decimal that is special in another way": {"decimal": [0, 1, "E"]},
    "bytes that are none": {"bytes": "%%%"},
    "a long range": {"range": [0, 10**12, 1]},
    "a range longer than a list can be": {"range": [0, 2**9_000, 1]},
    "many ranges": [{"range": [0, 10**6, 1]}] * 20,
    "a range without a step": {"range": [0, 1, 0]},
    "a constant of anywhere": {"constant": "exit"},
    "a class of anywhere": {"type": "os.system"},
    "a numpy class of anywhere": {"scalar-type": "memmap"},
    "a path that is none": {"path": ["Path", "/x"]},
    "a time zone that is a file": {"zone": "../../../etc/passwd"},
    "a time zone by its full path": {"zone": "/etc/localtime"},
    "an offset of a year": {"zone": [86_400_000_000 * 365, None]},
    "a date that is none": {"date": [2020, 13, 1]},
    "a date in floats": {"date": [2020.0, 1, 1]},
    "too deep": nested(60, ""),
    "too deep in tuples": nested(60, "tuple"),
    "itself": [{"same": 0}],
    "what comes later": [{"same": 1}, [1]],
    "a number below zero": [[1], {"same": -1}],
    "the same as a truth value": [[1], {"same": False}],
    "a million laughs": laughing(7),
    "two million values": [0] * 2_000_000,
    "a key that is there twice": {"dict": [["a", "a"], [1, 2]]},
    "a key that equals another": {"dict": [[1, 1.0], [1, 2]]},
    "a member that is there twice": {"set": [1, True]},
    "keys without values": {"dict": [["a", "b"], [1]]},
    "a list as a key": {"dict": [[[1]], [1]]},
    "too many keys": {"dict": [list(range(100_001)), [0] * 100_001]},
    "integers of one hash": {"set": [{"int": hex(n * PRIME)} for n in range(1, 6_000)]},
    "floats of one hash": {"dict": [[float(2 ** (61 * n)) for n in range(16)] * 20, [0] * 320]},
    "fractions of one hash": {
        "set": [{"fraction": [hex(1 + n * PRIME), 1]} for n in range(1, 1_500)],
    },
    "tuples of one hash": {
        "frozenset": [{"tuple": [{"int": hex(n * PRIME)}]} for n in range(1, 3_000)],
    },
    "a factory of anywhere": {"defaultdict": ["input", [[], []]]},
    "a short deque": {"deque": [1, [1, 2]]},
    "a deque of no length": {"deque": [-1, []]},
    "a record with a name that is code": {"record": ["P", ["__import__('os').system('x')"], [1]]},
    "a record that hides a method": {"record": ["P", ["count"], [1]]},
    "a record with a hidden name": {"record": ["P", ["_replace"], [1]]},
    "a record of a keyword": {"record": ["class", ["x"], [1]]},
    "a record of too few values": {"record": ["P", ["x", "y"], [1]]},
    "an array of objects": {"array": ["|O", [1], "C", raw(bytes(8))]},
    "an array of raw bytes": {"array": ["|V8", [1], "C", raw(bytes(8))]},
    "one item of a gigabyte": {"array": ["|V1000000000", [0], "C", ""]},
    "one text of a megabyte": {"array": ["<U300000", [0], "C", ""]},
    "an empty array of a long axis": {"array": ["<f8", [0, 10**9], "C", ""]},
    "an empty array without size": {"array": ["<U0", [10**9], "C", ""]},
    "an array longer than its bytes": {"array": ["<f8", [10], "C", raw(bytes(8))]},
    "an array shorter than its bytes": {"array": ["<f8", [1], "C", raw(bytes(80))]},
    "an array of a negative shape": {"array": ["<f8", [-1], "C", raw(bytes(8))]},
    "an array of many axes": {"array": ["<f8", [1] * 65, "C", raw(bytes(8))]},
    "an array of a shape in floats": {"array": ["<f8", [1.0], "C", raw(bytes(8))]},
    "a type in words": {"array": ["f8,f8", [1], "C", raw(bytes(16))]},
    "a type of another kind of time": {"dtype": "<M8[0s]"},
    "truth values that are two": {"array": ["|b1", [2], "C", raw([1, 2])]},
    "a truth value that is two": {"scalar": ["|b1", raw([2])]},
    "letters that are none": {"array": ["<U1", [1], "C", raw([255] * 4)]},
    "letters that are none, turned": {"scalar": [">U1", raw([0, 0x11, 0, 0])]},
    "a field of objects": {"dtype": [8, [["a", "|O", [], 0]]]},
    "fields that overlap": {"dtype": [8, [["a", "<f8", [], 0], ["b", "<f8", [], 0]]]},
    "a field behind the end": {"dtype": [8, [["a", "<f8", [], 4]]]},
    "a field of a large shape": {"dtype": [8, [["a", "<f8", [60_000, 60_000], 0]]]},
    "a truth value in a field": {"array": [[1, [["a", "|b1", [], 0]]], [1], "C", [raw([9])]]},
    "records with fewer buffers": {"array": [[1, [["a", "|b1", [], 0]]], [1], "C", []]},
    "objects of another number": {"objects": [[3], "C", [1]]},
    "a matrix of one axis": {"matrix": numbers([1])},
    "a masked array of a list": {"masked": [[1], None, None, False]},
    "a mask of another shape": {
        "masked": [numbers([1, 2]), {"array": ["|b1", [1], "C", raw([0])]}, None, False]
    },
    "a mask that is no mask": {"masked": [numbers([1]), numbers([1]), None, False]},
    "a memory file that was not sent": {"array": ["<f8", [1], "C", {"file": 3}]},
    "a picture of a format": {"image": ["JPEG", [1, 1], raw([0]), None]},
    "a picture larger than its dots": {"image": ["RGB", [9, 9], raw([0]), None]},
    "a picture of one long side": {"image": ["RGB", [0, 10**6 * 20], "", None]},
    "a picture of bits that take a byte each": {"image": ["1", [8000, 4000], raw(bytes(4_000_000)), None]},
    "a palette of nothing": {"image": ["RGB", [1, 1], raw([0, 0, 0]), ["RGB", [1, 2, 3]]]},
}


@pytest.mark.parametrize("name", PLAIN)
def test_hostile_data_is_refused_at_once(name):
    start = time.process_time()
    with pytest.raises(CannotCross):
        decoded(PLAIN[name])
    assert time.process_time() - start < 5  # a guard against seconds that a table of one hash takes


@pytest.mark.parametrize(
    "values",
    [
        [n * PRIME for n in range(1, 6_000)],
        [Fraction(1 + n * PRIME, 1) for n in range(1, 1_500)] * 2,
    ],
    ids=["integers", "fractions"],
)
def test_a_column_of_one_hash_is_refused(values):
    with pytest.raises(CannotCross):
        few_collisions_of_any(values)


def test_a_column_with_equal_values_is_none_of_one_hash():
    few_collisions_of_any([n % 7 for n in range(100_000)] + ["a"])
    few_collisions_of_any(["text"] * 100_000)


@pytest.mark.parametrize("kind", ["set", "dict", "objects"])
def test_no_reference_is_a_key_or_in_an_array(kind):
    reference = {"ref": 1}
    data = {"set": [reference], "dict": [[{"tuple": [reference]}], [1]], "objects": [[1], "C", [reference]]}
    with pytest.raises(CannotCross):
        Decoder(lambda data: 7).decode({kind: data[kind]})


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin"])
def test_a_time_zone_that_is_a_path_is_not_looked_for(name, monkeypatch):
    monkeypatch.setattr(dates, "ZoneInfo", lambda key: pytest.fail("looked for"))
    with pytest.raises(CannotCross):
        decoded({"zone": name})


@pytest.mark.parametrize("name", ["_replace", "class", "count", "x y", "a: int = print()", "1", ""])
def test_a_name_of_a_field_that_is_none_makes_no_class(name, monkeypatch):
    monkeypatch.setattr(containers, "_record_class", lambda *args: pytest.fail("made"))
    for record in (["P", [name], [1]], [name, ["x"], [1]]) if name != "count" else (["P", [name], [1]],):
        with pytest.raises(CannotCross):
            decoded({"record": record})


def test_what_the_caller_refuses_is_raised_as_it_is():
    def resolve(data):
        raise RuntimeError("the student's process died")

    with pytest.raises(RuntimeError, match="died"):
        Decoder(resolve).decode({"tuple": [{"ref": 1}]})


def test_no_file_is_opened_for_a_path(monkeypatch):
    def opened(*args, **kwargs):
        raise AssertionError("opened")

    monkeypatch.setattr(os, "stat", opened)
    monkeypatch.setattr(os, "open", opened)
    assert str(decoded({"path": ["PosixPath", "/etc/../etc/passwd"]})) == "/etc/../etc/passwd"
