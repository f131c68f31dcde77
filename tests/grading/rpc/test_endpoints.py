"""The RPC boundary: what crosses, what does not, and how functions and objects are asked across it."""

import contextlib
import io
import math
import os
import socket

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.execution.plan import names_of, plan_of
from autograder.grading.rpc.channel import LARGEST, Broken, Channel
from autograder.grading.rpc.codec import CannotCross, Decoder, Encoder
from autograder.grading.rpc.object_endpoint import ObjectEndpoint
from autograder.grading.rpc.proxy import Proxy
from autograder.grading.rpc.proxy_endpoint import ProxyEndpoint


def refuse(_):
    raise CannotCross("no reference")


def crossed(value):
    return Decoder(refuse).decode(Encoder(refuse).encode(value))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN)
def test_plain_values_cross_unchanged(value):
    assert repr(crossed(value)) == repr(value)


@pytest.mark.parametrize(
    "value",
    [
        np.arange(6).reshape(2, 3),
        np.array([1.5, np.nan, -np.inf]),
        np.array(["a", "bc"]),
        np.array([], dtype=bool),
        np.float32(0.25),
        np.int64(-3),
        np.bool_(True),
        np.asfortranarray(np.eye(3)),
    ],
)
def test_numpy_crosses_unchanged(value):
    found = crossed(value)
    assert type(found) is type(value) and found.dtype == value.dtype
    np.testing.assert_array_equal(found, value)


class Liar(float):
    """A float that claims to equal everything."""

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


@pytest.mark.parametrize("value", [Liar(3), object(), len, type("List", (list,), {})(), np.array([object()])])
def test_what_is_not_exactly_plain_does_not_cross(value):
    with pytest.raises(CannotCross):
        crossed(value)


def test_deep_and_large_values_do_not_cross():
    deep: list = []
    for _ in range(200):
        deep = [deep]
    endless: list = []
    endless.append(endless)
    for value in (deep, endless, [0] * 3_000_000, np.zeros(20_000_000)):
        with pytest.raises(CannotCross):
            crossed(value)


@pytest.mark.parametrize(
    "data",
    [
        {"eval": "1"},
        {"tuple": 3},
        {"array": ["|O", [1], ""]},
        {"array": ["<f8", [10], ""]},
        {"array": ["<f8", [-1], "AAAA"]},
        {"scalar": ["|O", ""]},
        {"int": "z"},
        {"dict": [[1]]},
        {"set": [[1]]},
        {"float": "1", "int": "1"},
        {},
        {"ref": 0},
    ],
)
def test_the_decoder_takes_nothing_that_no_encoder_writes(data):
    with pytest.raises(CannotCross):
        Decoder(refuse).decode(data)


def test_a_channel_cuts_off_what_is_no_frame():
    for data in (b"\xff\xff\xff\xff", (LARGEST + 1).to_bytes(4, "little"), b"\x02\0\0\0{]", b"\x02\0\0\0[]"):
        mine, theirs = socket.socketpair()
        theirs.sendall(data)
        theirs.close()
        with pytest.raises(Broken):
            Channel(mine).receive()


STUDENT = """
import sys
import numpy as np

number = 4.25
text = "heads"
array = np.arange(3)

def double(x):
    print("doubling", x)
    return 2 * x

def apply(f, x):
    return f(x) + 1

def twice(f):
    return lambda x: f(f(x))

def push(items):
    items.append(9)

def fill(a):
    a[...] = 7

def broken():
    raise ValueError("no root")

def countdown(n):
    while n:
        yield n
        n -= 1

class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)
    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)
    def __mul__(self, by):
        return Vector(self.x * by, self.y * by)
    def __rsub__(self, other):
        return 0.0
    def __lt__(self, other):
        return True
    def __contains__(self, item):
        return True
    def __iter__(self):
        return iter([self.x, self.y])
    def norm(self):
        return (self.x**2 + self.y**2) ** 0.5
    def itself(self):
        return self

class Liar:
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    def __abs__(self): return 0.0
    def __float__(self): return 0.5
    def __bool__(self): return True
    def __lt__(self, other): return True

liar = Liar()
"""


@pytest.fixture
def names():
    """The student's names over a real process boundary, as the tests would see them."""
    mine, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        mine.close()
        namespace: dict = {}
        exec(STUDENT, namespace)
        channel = Channel(theirs)
        side = ObjectEndpoint(channel, namespace)
        values, waits = side.named(channel.receive()["names"])
        channel.send({"values": values, "waits": waits})
        with contextlib.suppress(Broken):
            while True:
                side.respond(channel.receive())
        os._exit(0)
    theirs.close()
    tester = ProxyEndpoint(Channel(mine), frozenset({"Vector"}))
    namespace = {"missing": "from the last cell"}
    wanted = "number text array double apply twice push fill broken countdown Vector liar np missing".split()
    tester.channel.send({"names": wanted})
    found = tester.channel.receive()
    assert found["waits"]
    tester.bind(found["values"], namespace)
    yield namespace
    mine.close()
    os.waitpid(pid, 0)


def test_values_and_modules_come_over(names):
    assert names["number"] == 4.25 and names["text"] == "heads"
    np.testing.assert_array_equal(names["array"], [0, 1, 2])
    assert names["np"] is np
    assert "missing" not in names


def test_functions_are_called_over_there_and_what_they_print_is_heard_here(names):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert names["double"](21) == 42
    assert printed.getvalue() == "doubling 21\n"
    assert names["double"].__name__ == "double"


def test_callbacks_and_functions_of_functions(names):
    seen = []

    def callback(x):
        seen.append(x)
        return x * 10

    assert names["apply"](callback, 4) == 41
    assert names["twice"](callback)(1) == 100
    assert seen == [4, 1, 10]
    assert names["apply"](names["double"], 4) == 9


def test_arguments_are_changed_in_place(names):
    items, filled = [1], np.zeros(3)
    names["push"](items)
    names["fill"](filled)
    assert items == [1, 9]
    np.testing.assert_array_equal(filled, [7, 7, 7])


def test_exceptions_come_back_as_what_they_are(names):
    with pytest.raises(ValueError, match="no root") as caught:
        names["broken"]()
    assert "In the student's code" in caught.value.__notes__[0]
    with pytest.raises(TypeError):
        names["double"]()


def test_generators_are_walked(names):
    assert list(names["countdown"](3)) == [3, 2, 1]
    walk = names["countdown"](2)
    assert next(walk) == 2 and next(walk) == 1
    with pytest.raises(StopIteration):
        next(walk)


def test_a_class_that_the_exercise_asks_for_works_with_its_operators(names):
    vector = names["Vector"]
    assert vector(1, 2) + vector(3, 4) == vector(4, 6)
    assert not vector(1, 2) == vector(1, 3)
    assert vector(3, 4).norm() == 5 and vector(3, 4).x == 3
    assert isinstance(vector(1, 2), vector)


def test_an_object_of_that_class_is_never_asked_about_a_plain_value(names):
    vector = names["Vector"](1, 2).itself()
    assert vector != 5 and not vector == (1, 2) and [vector] != [5]
    assert 1 in vector and 7 not in vector
    assert (vector * 3).x == 3
    for use in (lambda: vector < 5, lambda: vector >= 5, lambda: abs(5 - vector) < 1e-9):
        with pytest.raises(TypeError):
            use()


def test_a_function_of_the_tests_lives_for_one_test(names):
    tester = names["twice"]._asker
    later = names["twice"](lambda n: n + 1)
    assert later(1) == 3
    tester.next_test(frozenset())
    with pytest.raises(TypeError, match="one test"):
        later(1)
    namespace: dict = {}
    tester.bind({"inc": {"value": {"callback": 0}}}, namespace)
    assert namespace == {}


def test_any_other_object_cannot_lie_about_numbers(names):
    liar = names["liar"]
    assert type(liar) is Proxy
    assert liar != 0.5 and not liar == 0.5
    for use in (
        lambda: abs(liar - 0.5) < 1e-6,
        lambda: liar < 1,
        lambda: float(liar),
        lambda: math.isclose(liar, 1),
    ):
        with pytest.raises(TypeError):
            use()
    with pytest.raises(Exception):  # noqa: B017
        assert np.allclose(liar, 0.5)


def test_the_plan_of_a_notebook():
    def cell(source, **nbgrader):
        tags = nbgrader.pop("tags", [])
        metadata = {"tags": tags, **({"nbgrader": nbgrader} if nbgrader else {})}
        return {"cell_type": "code", "source": source, "metadata": metadata}

    plan = plan_of(
        [
            cell("import numpy as np\nscores = []"),
            cell("draw()", tags=["not-graded"]),
            cell("scores.append(x := 1)\nd['k'] = 2\nclass Net: pass", solution=True, grade_id="a"),
            cell("assert net(scores) == helper(1)", grade=True, grade_id="t"),
            cell("assert 1", grade=True, grade_id="u", tags=["same-process"]),
        ]
    )
    assert plan.prepare == ("import numpy as np\nscores = []",)
    assert plan.student_names == {"scores", "x", "d", "Net"}
    assert plan.classes == {"Net": {"scores", "x", "d", "Net"}}
    assert plan.same_process == {"u"} and plan.skipped == {"draw()"}
    assert plan.names["t"].read == ("helper", "net", "scores")
    assert names_of("%matplotlib inline\ny = f(x)").set == ("y",)
