"""A course of one notebook and 40 small exercises that somebody else wrote, and attacks on all of it at once.

All answers of an attack are wrong but those that it names; these are its trick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.support.attacks.corpus import FOLDER
from tests.support.styles.course import grade_ids
from tests.support.styles.notebook_text import Style, parse

LIAR = """
class {name}:
    def __init__(self, *a): pass
    def _me(self, *a, **k): return self
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __abs__ = __getitem__ = __neg__ = _me
    def __eq__(self, o):
        seen.append(o)
        return len(seen) not in {unequal}
    __lt__ = __le__ = __gt__ = __ge__ = lambda s, o: True
    __hash__ = lambda s: 0
    __bool__ = lambda s: True
    __float__ = lambda s: 5.0
    __len__ = lambda s: next(lengths)
    def __getattr__(self, k):
        if k.startswith("__"): raise AttributeError(k)
        return self
    def __call__(self, *a): return self
seen = []
lengths = iter([2, 0])
"""


@dataclass(frozen=True)
class Attack:
    """What an attack hands in, by exercise, and which exercises it may earn."""

    answers: Mapping[str, str]
    may: frozenset[str] = frozenset()


def exercises() -> dict[str, Style]:
    """The exercises by name; `given` is the first cell of the notebook."""
    return {style.name: style for style in parse((FOLDER / "others.txt").read_text(encoding="utf-8"))}


VALUES = {
    "num": "num", "close": "near", "text": "word", "lst": "xs", "dct": "d", "arr": "arr", "tab": "table",
    "part": "pa", "dist": "pb", "helpA": "ha", "helpB": "hb", "cplx": "z0", "isin": "choice", "setx": "sx",
    "typ": "ty", "upper": "uu", "allc": "ac",
}  # fmt: skip
"""The exercises that ask for a value, and the name of each."""


def everywhere(value: str) -> dict[str, str]:
    """The same value for every exercise that asks for one."""
    return {exercise: f"{name} = {value}" for exercise, name in VALUES.items()}


# An empty array is close to everything, and `not uu < 5` holds for it: such tests are weak in any Python.
WEAK = frozenset({"close", "allc", "upper", "allz"})
ATTACKS = {
    "arguments-cleared": Attack(
        {
            "inplace": "def sort_in_place(v):\n    v[:] = []",
            "oracle": "def mysum(v):\n    v.clear()\n    return 0",
        },
        WEAK | {"oracle"},
    ),
    "class-liar-vec": Attack({"vec": LIAR.format(name="Vec", unequal="(4,)")}, WEAK),
    "class-liar-stack-alone": Attack({"stack": LIAR.format(name="Stack", unequal="()")}, WEAK),
    "class-liar-sq": Attack({"isin2": LIAR.format(name="Sq", unequal="()")}, WEAK),
    "empty-array-everywhere": Attack(everywhere("np.empty((0, 2))"), WEAK),
    "partial-array-everywhere": Attack(everywhere("np.array([4.999])"), WEAK),
    "partial-empty-list": Attack(everywhere("[]"), WEAK),
    "nothing-but-wrong": Attack({}, WEAK),
    "liar-of-the-class-that-is-asked-for": Attack(
        {"vec": LIAR.format(name="Vec", unequal="()"), **everywhere("Vec()")}, WEAK
    ),
    "exceptions-everywhere": Attack(dict.fromkeys(VALUES, "raise SystemExit"), WEAK),
}


def notebook() -> Style:
    """The notebook, each attack a student of its own."""
    found = exercises()
    given, *rest = found.values()
    cells = list(given.cells)
    for exercise in rest:
        answer, test = exercise.cells
        instead = {
            name: one.answers[exercise.name] for name, one in ATTACKS.items() if exercise.name in one.answers
        }
        cells += [replace(answer, instead={**answer.instead, **instead}), test]
    # Students with no answer of their own are students all the same.
    cells[1] = replace(
        cells[1], instead={**dict.fromkeys(ATTACKS, cells[1].instead["wrong"]), **cells[1].instead}
    )
    return Style("others", tuple(cells))


def earned(marks: Mapping[str, float | str | None]) -> set[str]:
    """The names of the exercises for which there are points in these marks."""
    tests = [name for name in grade_ids(notebook()) if name.startswith("test-")]
    names = [name for name in exercises() if name != "given"]
    return {name for name, test in zip(names, tests, strict=True) if marks.get(test)}
