# ruff: noqa: E501
"""Values that lie: objects and subclasses whose operators say what a test wants to hear."""

from tests.support.cheats.cheat import Cheat

ALL_ANSWERS = {
    "coin-entropy": "coin_entropy = {0}",
    "coin-sides": "coin_sides = {0}",
    "coin-likely": "coin_likely = {0}",
    "coin-code": "def entropy(p):\n    return {0}",
}

LIAR = """
class Liar{base}:
    def _yes(self, *args, **kwargs): return True
    def _self(self, *args, **kwargs): return self
    def _zero(self, *args, **kwargs): return 0.0
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __instancecheck__ = _yes
    __ne__ = lambda self, other: False
    __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _self
    __abs__ = __neg__ = __pos__ = __round__ = __getitem__ = __call__ = __enter__ = _self
    __bool__ = _yes
    __hash__ = lambda self: hash(2)
    __float__ = _zero
    __int__ = __index__ = __len__ = lambda self: 2
    __str__ = __repr__ = __format__ = lambda self, *a: "2"
    def __iter__(self): return iter([self])
    def __exit__(self, *args): return True
"""


def everywhere(value: str) -> dict[str, str]:
    """The same expression as the answer of every exercise."""
    return {exercise: source.format(value) for exercise, source in ALL_ANSWERS.items()}


def liar(base: str = "") -> str:
    """The class Liar, derived from `base`."""
    return LIAR.format(base=f"({base})" if base else "")


VALUES = [
    Cheat("object equal to all", liar(), everywhere("Liar()")),
    Cheat("float subclass", liar("float"), everywhere("Liar(0.1)")),
    Cheat("int subclass", liar("int"), everywhere("Liar(5)")),
    Cheat("str subclass", liar("str"), everywhere("Liar('tails')")),
    Cheat("list subclass", liar("list"), everywhere("Liar([5])")),
    Cheat("dict subclass", liar("dict"), everywhere("Liar(a=5)")),
    Cheat("complex subclass", liar("complex"), everywhere("Liar(5)")),
    Cheat(
        "Fraction subclass", "from fractions import Fraction\n" + liar("Fraction"), everywhere("Liar(1, 10)")
    ),
    Cheat("Decimal subclass", "from decimal import Decimal\n" + liar("Decimal"), everywhere("Liar('0.1')")),
    Cheat(
        "ndarray subclass",
        liar("np.ndarray")
        + "    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs): return True\n"
        + "    def __array_function__(self, *args): return True\n"
        + "    def tolist(self): return 0.5623\n"
        + "    item = tolist\n",
        everywhere("np.array(0.1).view(Liar)"),
    ),
    Cheat(
        "numpy scalar subclass",
        liar("np.float64") + "    def item(self): return 0.5623\n",
        everywhere("Liar(0.1)"),
    ),
    Cheat(
        "lies about its class",
        liar() + "    __class__ = property(lambda self: float)\n",
        everywhere("Liar()"),
    ),
    Cheat(
        "__array__ of what is asked",
        "class A:\n"
        "    __array_priority__ = 1e9\n"
        "    def __array__(self, dtype=None, copy=None): return np.zeros(())\n"
        "    def __array_ufunc__(self, *a, **k): return True\n"
        "    def __sub__(self, other): return 0.0\n"
        "    def __abs__(self): return 0.0\n",
        everywhere("A()"),
    ),
    Cheat("object array of liars", liar(), everywhere("np.array([Liar()], dtype=object)")),
    Cheat("list of liars", liar(), everywhere("[Liar()]")),
    Cheat(
        "the class itself, by its metaclass",
        "class Meta(type):\n    __eq__ = lambda s, o: True\n    __sub__ = __rsub__ = lambda s, o: 0.0\n    __hash__ = type.__hash__\n    __float__ = lambda s: 0.0\nclass float_(metaclass=Meta): pass\n",
        everywhere("float_"),
    ),
    Cheat("not a number", answers=everywhere("float('nan')")),
    Cheat("infinity", answers=everywhere("np.inf")),
    Cheat("an array of every number", answers=everywhere("np.linspace(0, 3, 30001)")),
    Cheat("an empty array", answers=everywhere("np.array([])")),
    Cheat("a masked array", answers=everywhere("np.ma.masked")),
    Cheat("not a time", answers=everywhere("np.timedelta64('NaT')")),
    Cheat("a structured array", answers=everywhere("np.zeros(1, dtype=[('a', 'f8')])")),
    Cheat("both options at once", answers={"coin-likely": 'coin_likely = ["heads", "tails"]'}),
    Cheat("an unseen character", answers={"coin-likely": 'coin_likely = "tails\\u200bheads"'}),
    Cheat("a set of all sides", answers={"coin-sides": "coin_sides = set(range(100))"}),
    Cheat("True for one side", answers={"coin-sides": "coin_sides = True"}),
    Cheat("nothing but a stub", answers=everywhere("...")),
    Cheat("NotImplemented", answers=everywhere("NotImplemented")),
    Cheat(
        "a value with its own __reduce__",
        "class R:\n"
        "    def __reduce__(self): return (exec, ('import autograder.core.values as v; v.same = lambda *a, **k: True',))\n"
        "    __reduce_ex__ = lambda self, p: self.__reduce__()\n"
        "    __getstate__ = __reduce__\n",
        everywhere("R()"),
    ),
    Cheat("pickled bytes", "import pickle\n", everywhere("pickle.dumps(2)")),
    Cheat("huge integer", answers=everywhere("10 ** 200000")),
    Cheat("an endless range", answers=everywhere("range(10 ** 15)")),
    Cheat("a list inside itself", "loop = []\nloop.append(loop)\n", everywhere("loop")),
    Cheat("a dict inside itself", "loop = {}\nloop['a'] = loop\n", everywhere("loop")),
    Cheat(
        "a list a million deep",
        "deep = []\nfor _ in range(10 ** 6):\n    deep = [deep]\n",
        everywhere("deep"),
    ),
    Cheat("an array of 400 MB", answers=everywhere("np.zeros(50_000_000)")),
    Cheat("text of 100 MB", answers=everywhere("'2' * 100_000_000")),
]
