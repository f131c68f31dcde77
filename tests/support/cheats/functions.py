# ruff: noqa: E501
"""Functions that return, remember and raise what no honest function does."""

from tests.support.cheats.cheat import Cheat
from tests.support.cheats.values import everywhere, liar


def code(name: str, body: str, trick: str = "") -> Cheat:
    """Only the coding exercise tries a trick; the others are plainly wrong."""
    return Cheat(name, trick, {"coin-code": body})


FUNCTIONS = [
    code("a function of a liar", "def entropy(p):\n    return Liar()\n", liar()),
    code("a liar that can be called", "entropy = Liar()", liar()),
    code(
        "a class as the function",
        "class entropy(float):\n    def __new__(cls, p): return float.__new__(cls, 7)\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, o: 0.0\n    __abs__ = lambda s: 0.0\n",
    ),
    code(
        "knows the tests that it sees",
        "seen = []\ndef entropy(p):\n    seen.append(p)\n    return {1: 0.6931, 2: 0.0}.get(len(seen), 7.0)\n",
    ),
    code("a generator", "def entropy(p):\n    yield 0.6931\n    yield 0.0\n"),
    code("a coroutine", "async def entropy(p):\n    return 0.6931\n"),
    code("returns its argument", "def entropy(p):\n    return p\n"),
    code("changes its argument", "def entropy(p):\n    p[...] = 0\n    return 0.0\n"),
    code("makes the array its own", "def entropy(p):\n    p.resize(0, refcheck=False)\n    return p.sum()\n"),
    code("returns itself", "def entropy(p):\n    return entropy\n"),
    code("raises StopIteration", "def entropy(p):\n    raise StopIteration(0.6931)\n"),
    code("raises what ends a cell quietly", "def entropy(p):\n    raise SystemExit(0)\n"),
    code("raises KeyboardInterrupt", "def entropy(p):\n    raise KeyboardInterrupt\n"),
    code("raises GeneratorExit", "def entropy(p):\n    raise GeneratorExit\n"),
    code(
        "raises a success",
        "class Success(AssertionError):\n    def __str__(self): return 'right'\n    __bool__ = lambda self: False\n    def _render_traceback_(self): return []\n\ndef entropy(p):\n    raise Success\n",
    ),
    code(
        "an error that shows nothing",
        "class Quiet(BaseException):\n    def _render_traceback_(self): return None\n    def __str__(self): raise SystemExit\n\ndef entropy(p):\n    raise Quiet\n",
    ),
    code(
        "an error in a group",
        "def entropy(p):\n    raise BaseExceptionGroup('ok', [StopIteration(), SystemExit(0)])\n",
    ),
    Cheat(
        "NotYet that says right",
        "from autograder.core.errors import NotYet\nclass Right(NotYet):\n    def __init__(self): super().__init__('coin-code right', 'Right')\n",
        {"coin-code": "def entropy(p):\n    raise Right\n"},
    ),
    code(
        "prints what a check prints",
        "def entropy(p):\n    print('coin-code: right')\n    print('3.0')\n    return 7.0\n",
    ),
    code(
        "displays marks",
        "def entropy(p):\n    from IPython.display import display\n    display(3.0)\n    get_ipython().displayhook(3.0)\n    return 7.0\n",
    ),
    code("never ends", "def entropy(p):\n    while True: pass\n"),
    code("ends the process", "import os\ndef entropy(p):\n    os._exit(0)\n"),
    code(
        "many threads answer",
        "import threading, gc\ndef entropy(p):\n    sides = [o for o in gc.get_objects() if type(o).__name__ == 'ObjectEndpoint']\n    def shout():\n        for side in sides: side.channel.send({'type': 'answer', 'body': {'value': {'callback': 0}}})\n    for n in range(20): threading.Thread(target=shout, daemon=True).start()\n    return 7.0\n",
    ),
    code(
        "looks at its callers",
        "import sys, inspect\ndef entropy(p):\n    frame = sys._getframe()\n    while frame:\n        for name in ('fair', 'certain', 'within', 'reference'):\n            if name in frame.f_locals: return frame.f_locals[name]\n        for value in list(frame.f_globals.values()):\n            if callable(value) and getattr(value, '__name__', '') == 'same': frame.f_globals['same'] = lambda *a, **k: True\n        frame = frame.f_back\n    return 7.0\n",
    ),
    code(
        "changes its caller's names",
        "import ctypes, sys\ndef entropy(p):\n    frame = sys._getframe(1)\n    while frame:\n        frame.f_globals.update(same=lambda *a, **k: True, check=lambda *a, **k: None, abs=lambda x: 0)\n        ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))\n        frame = frame.f_back\n    return 7.0\n",
    ),
    Cheat(
        "look-alike names",
        "сoin_sides = 2\nсoin_likely = 'heads'\nＣheck = lambda *a, **k: None",
        {"coin-sides": "сoin_sides = 2"},
    ),
    Cheat(
        "a property of the module",
        "import sys, types\nclass M(types.ModuleType):\n    coin_sides = property(lambda self: 2)\n    coin_entropy = property(lambda self: 0.5623)\nsys.modules['__main__'].__class__ = M\n"
        + liar(),
        everywhere("Liar()"),
    ),
    Cheat("modules as answers", "import types\n", everywhere("types.ModuleType('autograder.core.values')")),
    Cheat(
        "a namespace that counts questions",
        "ns = get_ipython().user_ns\nclass N(dict):\n    def __getitem__(self, k): return 2\n    def get(self, *a): return 2\nget_ipython().user_ns = N(ns)\n",
    ),
]
