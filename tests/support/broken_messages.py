"""Messages broken at random, decoded under limits of memory and time: run as a program, prints JSON.

python -m tests.support.broken_messages SEED CASES MEGABYTES
"""

import copy
import faulthandler
import importlib.util
import json
import random
import resource
import sys
import time
import warnings

import numpy as np

from autograder.grading.values import kinds
from autograder.grading.values.budget import CannotCross
from autograder.grading.values.decoder import Decoder
from autograder.grading.values.encoder import Encoder
from tests.support.crossing import numbers, raw, refuse

ODD = [0, 1, -1, 2, 7, 2**31, 2**31 - 1, -(2**31), 2**62, 2**63, 2**64, 10**9, 10**400, 0.5, 1e308, True]
ODD += [None, "", "x", "class", "__class__", "0x" + "f" * 99, "<f8", "|O", "|V8", "<M8[ns]", "nan", [], {}]
ODD += [[0], [[]], {"same": 0}, {"same": 1}, {"ref": 0}, {"inexact": 1}, {"range": [0, 10**6, 1]}]


def of_python():
    """Values of the standard library and of numpy, one of each kind at the least."""
    from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
    from datetime import UTC, date, datetime, timedelta
    from decimal import Decimal
    from fractions import Fraction
    from pathlib import Path

    shared = [1, 2]
    yield [shared, shared, {"k": shared}, (1, 2.5, "a", None, True), {1, 2}, frozenset({"a"}), range(9)]
    yield [Counter("aab"), OrderedDict(a=1), defaultdict(list, a=[1]), deque([1], 3), slice(1, None)]
    yield [Fraction(1, 3), Decimal("1.10"), 2**200, float("inf"), 1j, b"ab", bytearray(b"c"), ..., int]
    yield [date(2020, 1, 2), datetime(2020, 1, 2, tzinfo=UTC), timedelta(1), Path("/a"), np.float32]
    yield namedtuple("P", "x y")(1, [2])
    yield [np.arange(6.0).reshape(2, 3), np.array(["a", "bc"]), np.array([True]), np.array([1, "a"], object)]
    yield [np.array([(1, "x")], [("a", "i4"), ("b", "U2")]), np.array(["2020"], "M8[D]"), np.longdouble(1)]
    yield [
        np.ma.array([1, 2], mask=[0, 1]),
        np.matrix([[1]]),
        np.dtype("f4"),
        np.float64(1),
        np.zeros((0, 3)),
    ]


def of_libraries():
    """Values of the libraries that are installed."""
    if importlib.util.find_spec("pandas"):
        import pandas as pd

        yield pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": pd.Categorical(["u", "v"])})
        yield pd.Series([1, None], dtype="Int64", index=pd.date_range("2020", periods=2, tz="UTC"))
        yield [pd.MultiIndex.from_product([[1, 2], ["a"]]), pd.Timestamp("2020"), pd.Timedelta(1), pd.NaT]
        yield [pd.Index([1, "a"], dtype=object), pd.RangeIndex(3), pd.Series([1.5, 2.5], index=["a", "b"])]
    if importlib.util.find_spec("scipy"):
        from scipy import sparse

        dense = np.array([[0, 1.5, 0, 2], [3, 0, 0, 0]])
        yield [getattr(sparse, f"{form}_matrix")(dense) for form in ("csr", "csc", "bsr", "coo", "dia")]
    if importlib.util.find_spec("sympy"):
        import sympy

        x = sympy.Symbol("x", real=True)
        yield [(x + 1) ** 2, sympy.sin(x) / 3, sympy.Float(1.5), sympy.Eq(x, 1), sympy.Matrix([[x]])]
        yield [sympy.Piecewise((1, x > 0), (0, True)), sympy.Integral(x, (x, 0, 1)), sympy.pi]
    if importlib.util.find_spec("PIL"):
        from PIL import Image

        yield [Image.new("RGB", (3, 2)), Image.new("1", (9, 2)), Image.new("P", (2, 2))]


def places(data, found):
    """Every container in a message."""
    if type(data) in (list, dict):
        found.append(data)
        for part in data.values() if type(data) is dict else data:
            places(part, found)
    return found


def broken(data, chance, messages):
    """Break a copy of a message in one to four places."""
    data = copy.deepcopy(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.choice(places([data], []))
        if not place:
            continue
        if type(place) is dict:
            name = chance.choice(list(place))
            if chance.random() < 0.3:
                place[chance.choice(list(kinds.MAKERS))] = place.pop(name)
            else:
                place[name] = part(place[name], chance, messages)
            continue
        number = chance.randrange(len(place))
        deed = chance.random()
        if deed < 0.7:
            place[number] = part(place[number], chance, messages)
        elif deed < 0.8:
            del place[number]
        elif deed < 0.9:
            place.insert(number, copy.deepcopy(chance.choice(place)))
        else:
            place.extend(place[:1] * chance.choice((3, 1_000)))
    return data


def part(old, chance, messages):
    """Something instead of one part."""
    deed = chance.random()
    if deed < 0.4:
        return copy.deepcopy(chance.choice(ODD))
    if deed < 0.6 and type(old) is int:
        return old + chance.choice((-1, 1, 2**31, 10**9))
    if deed < 0.7 and type(old) is str and old:
        return raw(chance.randbytes(chance.choice((1, 4, 8, 16, 24))))
    if deed < 0.85:
        return copy.deepcopy(chance.choice(places([chance.choice(messages)], [])))
    kind = chance.choice(("<i4", "<i8", "<f8"))
    return numbers([chance.choice((0, 1, -1, 3, 2**30)) for _ in range(chance.choice((1, 2, 3)))], kind)


def used(value):
    """Do with a value what the simplest test would."""
    for use in (repr, lambda one: one == one, hash, lambda one: one.sum(), list, lambda one: one.copy()):
        try:
            use(value)
        except Exception:  # any error is fine that the process survives
            continue
    if hasattr(value, "toarray") and value.shape[0] * value.shape[1] < 10**6:
        value.toarray()
    if type(value) in (list, tuple, dict):
        for one in value.values() if type(value) is dict else value[:9]:
            used(one)


def main(seed, cases, megabytes):
    """Decode so many broken messages, and tell how it went."""
    faulthandler.enable()
    warnings.simplefilter("ignore")
    chance = random.Random(seed)
    values = [*of_python(), *of_libraries()]
    values += [one for value in values if type(value) is list for one in value]
    messages = [json.loads(json.dumps(Encoder(refuse).encode(value))) for value in values]
    for message in messages:  # what is loaded late is loaded before the limits
        used(Decoder(refuse).decode(message))
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115, PTH123
    limit = size + megabytes * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    result = {"cases": 0, "made": 0, "refused": 0, "longest": 0.0, "longest use": 0.0}
    for _ in range(cases):
        data = broken(chance.choice(messages), chance, messages)
        start = time.process_time()
        try:
            found = Decoder(refuse).decode(data)
        except CannotCross:
            found = None
        middle = time.process_time()
        used(found)
        took = middle - start
        if took > result["longest"]:
            result |= {"longest": took, "what": json.dumps(data)[:500]}
        if time.process_time() - middle > result["longest use"]:
            result |= {"longest use": time.process_time() - middle, "used": json.dumps(data)[:500]}
        result["refused" if found is None else "made"] += 1
        result["cases"] += 1
    print(json.dumps(result))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
