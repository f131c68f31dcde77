"""What of a test's text, and of what it calls, reaches past values."""

from __future__ import annotations

import pytest

from autograder.grading.trial.reading.definitions import Library
from autograder.grading.trial.reading.reach import Reach, counts_cells
from tests.support.trial_cells import answer, check, code, given

GIVEN = """import math
import random
import numpy as np
import pandas as pd
config = {"rate": 1}
def near_to(a, b): return abs(a - b) < 1e-9
class Tool: pass"""
SOLUTION = """def f(x): return x
def helper(x): return x
class Shape:
    def area(self): return 0
class Sized:
    def __len__(self): return 3
class Money:
    def __init__(self, n): self.n = n
    def __eq__(self, other): return self.n == other
class TooLittle(Exception): pass
price = Money(3)
value = 5
xs = [1, 2]"""


def reasons(test, *, before=(), files=None, kept=()):
    cells = code(given(GIVEN), *before, answer("a", SOLUTION), check("t", test))
    return [one.text for one in Reach(cells, Library(cells, files or {}, kept)).reasons(cells[-1])]


REACHING = {
    "attribute of a module": "np.linalg.solve = None",
    "attribute through an alias": "nl = np.linalg\nnl.solve = None",
    "attribute in a loop over modules": "for m in [np, math]:\n    m.pi = 3",
    "item of a module's": "np.__config__['x'] = 1",
    "attribute deleted": "del np.pi",
    "result of a module's function": "import decimal\ndecimal.getcontext().prec = 4",
    "setattr of a module": "setattr(np, 'pi', 3)",
    "attribute of an argument": "def spoil(m):\n    m.pi = 3\nspoil(np)",
    "attribute of the learner's function": "f.calls = 0",
    "attribute of the learner's class": "Shape.area = lambda self: 4",
    "attribute of a given class": "Tool.name = 'x'",
    "built-in name": "input = lambda *a: '41'\nassert f(1) == 1",
    "built-in name by global": "def quiet():\n    global print\n    print = None\nquiet()",
    "built-in name imported": "from math import pow\nassert f(1) == 1",
    "patch": "from unittest.mock import patch\nwith patch('builtins.print'):\n    f(1)",
    "seed": "np.random.seed(0)\nassert f(1) == 1",
    "seed by its own name": "from random import seed\nseed(1)",
    "state of a generator": "state = random.getstate()",
    "exec": "exec('x = 1')",
    "eval": "assert eval('f(1)') == 1",
    "compile": "compile('1', 'x', 'eval')",
    "import by name": "__import__('os')",
    "run": "%run other.py",
    "shell": "!ls",
    "load_ext": "%load_ext sql",
    "measured time as a value": "r = %timeit -o f(1)",
    "computed name": "for name in ['f']:\n    getattr(math, name)",
    "computed name to set": "setattr(xs, 'a' + 'b', 1)",
    "methodcaller": "import operator\nn = 'x'\noperator.methodcaller(n)(f)",
    "getattr of a special name": "getattr(f, '__code__')",
    "getattr as a value": "assert list(map(eval, ['1'])) == [1]",
    "inspect": "import inspect\nassert 'x' in inspect.signature(f).parameters",
    "ast": "import ast\nast.parse('x')",
    "locals": "assert 'value' in locals()",
    "globals": "assert globals()['value'] == 5",
    "vars": "assert vars(xs)",
    "dir": "assert 'value' in dir()",
    "In": "assert 'x' in In[-2]",
    "Out": "assert Out[3] == 1",
    "underscore": "assert _ == 42",
    "two underscores": "assert __ == 42",
    "input by its number": "assert 'x' in _i3",
    "get_ipython": "get_ipython().user_ns['value']",
    "name of a function": "assert f.__name__ == 'f'",
    "code": "assert f.__code__.co_argcount == 1",
    "dict": "assert price.__dict__ == {'n': 3}",
    "class": "assert price.__class__.__name__ == 'Money'",
    "wrapped": "f.__wrapped__(1)",
    "closure": "f.__closure__",
    "special method": "assert Sized().__len__() == 3",
    "own name": "assert __name__ == '__main__'",
    "subclass": "class Square(Shape):\n    def area(self): return 4\nassert Square().area() == 4",
    "subclass by another name": "Base = Shape\nclass Square(Base): pass",
    "except": "try:\n    f(1)\nexcept TooLittle:\n    pass",
    "raises": "import pytest\nwith pytest.raises(TooLittle):\n    f(1)",
    "assertRaises": "import unittest\nunittest.TestCase().assertRaises(TooLittle, f, 1)",
    "with": "with Shape() as v:\n    pass",
    "await": "await f(1)",
    "async for": "async for x in f(1):\n    pass",
    "isinstance": "assert isinstance(f(1), Shape)",
    "issubclass": "assert issubclass(Shape, object)",
    "match": "match f(1):\n    case Shape():\n        pass",
    "open": "assert open('out.csv').read() == 'a'",
    "path": "from pathlib import Path\nassert Path('a.txt').exists()",
    "os": "import os\nassert os.path.exists('a')",
    "np.load": "assert np.load('a.npy').sum() == 3",
    "read_csv": "assert len(pd.read_csv('a.csv')) == 3",
    "to_csv": "f(1).to_csv('x.csv')",
    "pickle": "import pickle\npickle.loads(b'')",
    "sqlite": "import sqlite3\nsqlite3.connect('x.db')",
    "shutil": "from shutil import copy\ncopy('a', 'b')",
    "is": "a = f(xs)\nassert a is xs",
    "is not": "assert f(xs) is not xs",
    "shares_memory": "assert not np.shares_memory(f(xs), xs)",
    "id": "assert id(f(xs)) != id(xs)",
    "gc": "import gc\ngc.get_objects()",
    "sys": "import sys\nsys.stdout = None",
    "threads": "import threading\nthreading.Thread(target=f)",
    "signal": "import signal\nsignal.alarm(2)",
    "subprocess": "import subprocess\nsubprocess.run(['ls'])",
    "time": "import time\nstart = time.perf_counter()",
    "warnings": "import warnings\nwarnings.simplefilter('error')",
    "pytest.warns": "import pytest\nwith pytest.warns(DeprecationWarning):\n    f(1)",
    "errstate": "with np.errstate(all='raise'):\n    f(1)",
    "del of the learner's": "del helper\nassert f(1) == 1",
    "del of a given name": "del config",
    "current figure": "import matplotlib.pyplot as plt\nassert plt.gca().get_title() == 'x'",
    "equality by the learner's class": "assert price == 3",
    "equality of two of theirs": "assert Money(3) == Money(3)",
    "equality in a list": "assert [Money(3)] == [3]",
    "assert_equal of theirs": "np.testing.assert_equal(Money(3), 3)",
    "in": "assert 3 in [price] or price in [3] or 3 in Money(3)",
    "syntax error": "assert f(1) ==",
    "too long": "x = 1\n" * 50_000,
    "nonlocal at the left edge": "nonlocal x",
    "unknown name": "assert mystery(1) == 1",
    "star of a library": "from os import *\nassert f(1) == 1",
}  # fmt: skip


@pytest.mark.parametrize("test", REACHING.values(), ids=REACHING)
def test_what_reaches_past_values_is_found(test):
    assert reasons(test)


VALUES = {
    "compare": "assert f(2) == 2 and value == 5",
    "own names": "x = 3\ny = [x]\ny[0] = 4\ny.append(f(x))\nassert y == [4, 3]",
    "own item of a result": "r = f(xs)\nr[0] = 1",
    "own object's attribute": "t = Tool()\nt.name = 'x'\nassert f(t) is None or True",
    "own class": "class R:\n    w = 2\n    def __init__(self): self.h = 3\nassert f(R()) is not None",
    "own base": "class A:\n    pass\nclass B(A):\n    def __init__(self): super().__init__()\nassert f(B())",
    "given function": "assert near_to(f(1), 1)",
    "numpy": "np.testing.assert_allclose(f(np.arange(3)), [0, 1, 2])",
    "own generator": "rng = np.random.default_rng(0)\nassert f(rng.normal()) < 9",
    "draw without a seed": "x = np.random.rand()\nassert f(x) == x",
    "none": "assert f(None) is None and f(1) is not None and f(True) is True",
    "type": "assert type(f(1)) is int",
    "isinstance of a library's type": "assert isinstance(f(1), (int, np.integer))",
    "except of a library's": "try:\n    f(1)\nexcept ValueError as e:\n    assert 'x' in str(e)",
    "raises of a library's": "import pytest\nwith pytest.raises(ValueError):\n    f(-1)",
    "printed": "import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b):\n    f(1)",
    "getattr of a name": "assert getattr(price, 'n') == 3 and hasattr(Shape, 'area')",
    "loop over underscores": "for _ in range(3):\n    assert f(1) == 1",
    "underscore in brackets": "assert [0 for _ in range(2)] == [0, 0]",
    "underscore of its own": "_, b = f((1, 2))\nassert _ == 1",
    "local names": "def f2(vars, open):\n    dir = vars\n    return dir\nassert f2(1, 2) == f(1)",
    "del of its own": "x = f(1)\ndel x",
    "timeit": "%timeit -n 3 -r 1 f(10)\nassert f(1) == 1",
    "time": "%time x = f(1)\nassert x == 1",
    "cell magic": "%%time\nassert f(1) == 1",
    "inline": "%matplotlib inline\nassert f(1) == 1",
    "capture": "%%capture out\nassert f(1) == 1",
    "path as text": "import os\nassert f(os.path.join('a', 'b')) == 'a/b'",
    "maxsize": "import sys\nassert f(1) < sys.maxsize",
    "parameters named like modules": "def f3(np): return np\nassert f3(1) == 1",
    "text of an object": "assert str(price) and len(Sized()) == 3 and repr(price)",
    "attribute of an object": "assert price.n == 3 and Shape().area() == 0",
    "star of math": "from math import *\nassert f(sqrt(4)) == 2",
    "unittest": "import unittest\nunittest.TestCase().assertEqual(f(1), 1)",
    "computed call": "assert (lambda g: g(1))(f) == 1 and [f][0](2) == 2",
}  # fmt: skip


@pytest.mark.parametrize("test", VALUES.values(), ids=VALUES)
def test_what_only_asks_for_values_is_not(test):
    assert reasons(test) == []


@pytest.mark.parametrize(
    "test",
    ["%timeit -n 1 exec('x')", "%%time\nopen('x')", "%%capture\n%run x.py", "%time del helper", "%%bash\nls"],
)
def test_what_a_harmless_magic_runs_is_read_as_well(test):
    assert reasons(test)


def test_reasons_say_the_line_in_plain_words():
    assert reasons("x = 1\n\ndel helper") == ["line 3 deletes helper"]
    assert reasons("\n\n%time x = 1\ndel helper") == ["line 4 deletes helper"]


def test_a_draw_matters_where_some_cell_seeds():
    draw = "x = np.random.rand()\nassert f(x) == x"
    assert reasons(draw) == []
    assert reasons(draw, before=[given("np.random.seed(3)")]) == [
        "line 1 draws from a generator that a cell seeds (np.random.rand)"
    ]


@pytest.mark.parametrize(
    ("before", "test"),
    [
        ("def probe(g):\n    return open(g)", "assert probe(f)"),
        ("def inner(g):\n    return g.__code__\ndef outer(g):\n    return inner(g)", "assert outer(f)"),
        ("def probe(g): return id(g)\nchecks = [probe]", "for c in checks:\n    c(f)"),
        ("def probe(g): return id(g)\nchecks = []\nchecks.append(probe)", "for c in checks:\n    c(f)"),
        ("probe = lambda g: vars(g)", "assert probe(f)"),
        ("class Probe:\n    def look(self, g): return dir(g)", "assert Probe().look(f)"),
        ("class Probe:\n    def look(self, g): return dir(g)\np = Probe()", "assert p.look(f)"),
        ("if True:\n    def probe(g): return globals()", "assert probe(f)"),
        ("def deco(g):\n    g.__name__ = 'x'\n    return g", "@deco\ndef h(x): return x\nassert h(f(1))"),
    ],
)
def test_given_functions_and_classes_are_followed(before, test):
    found = reasons(test, before=[given(before)])
    assert found
    assert "a given cell" in found[0]
    assert reasons("assert f(1) == 1", before=[given(before)]) == []


def test_functions_of_other_tests_are_followed():
    found = reasons("assert probe(f)", before=[check("early", "def probe(g): return vars(g)")])
    assert found == ["probe in the test early, line 1 looks into the names of the process (vars)"]


def test_what_a_solution_defines_is_not_followed():
    assert reasons("assert reader(1)", before=[answer("b", "def reader(x): return open(x)")]) == []


FILES = {
    "tests.py": b"import inspect\n\ndef look(g):\n    return inspect.getsource(g)\n\n"
    b"def same(a, b):\n    return a == b\n",
    "noisy.py": b"import warnings\nwarnings.simplefilter('error')\ndef same(a, b):\n    return a == b\n",
    "outer.py": b"from tests import look\n\ndef both(g):\n    return look(g)\n",
    "kit/__init__.py": b"from .deep import probe\n",
    "kit/deep.py": b"def probe(g):\n    return vars(g)\ndef same(a, b):\n    return a == b\n",
    "fast.cpython-311-x86_64-linux-gnu.so": b"\x7fELF",
    "broken.py": b"def same(a, b:\n",
    "data.csv": b"a,b\n",
}  # fmt: skip


@pytest.mark.parametrize(
    "test",
    [
        "from tests import look\nlook(f)",
        "import tests\ntests.same(f(1), 1)",
        "from tests import *\nassert same(f(1), 1)",
        "from noisy import same\nassert same(f(1), 1)",
        "import outer\nouter.both(f)",
        "from kit import probe\nprobe(f)",
        "import kit.deep\nkit.deep.same(1, 1)",
        "from fast import same\nassert same(f(1), 1)",
        "from broken import same\nassert same(f(1), 1)",
        "from tests import missing\nmissing(f)",
        "from learners import work\nassert work(1) == 1",
    ],
)
def test_local_modules_are_read(test):
    assert reasons(test, files=FILES, kept=["learners.py"])


@pytest.mark.parametrize(
    "test",
    ["from tests import same\nassert same(f(1), 1)", "from kit.deep import same\nassert same(f(1), 1)"],
)
def test_of_a_local_module_only_what_is_called_is_read(test):
    assert (
        reasons(test, files={name: text for name, text in FILES.items() if name != "kit/__init__.py"}) == []
    )


def test_a_local_module_that_a_given_cell_imports_is_followed():
    found = reasons("look(f)", before=[given("from tests import look")], files=FILES)
    assert found == ["in tests.py line 4 looks at the text of functions (inspect.getsource)"]
    assert reasons("look(f)", before=[given("from tests import *")], files=FILES)


def test_one_test_that_counts_cells_is_known():
    assert counts_cells(code(check("t", "assert _ == 42")))
    assert counts_cells(code(check("t", "def g(): return Out[1]")))
    assert not counts_cells(code(check("t", "for _ in range(3): pass"), check("u", "_, x = 1, 2\n_")))
