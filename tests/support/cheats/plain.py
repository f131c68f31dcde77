# ruff: noqa: E501
"""A course as most nbgrader courses are: bare assertions on bare values, imports among the answers.

The tiny course asks its answers through `same`, which trusts no operator. Here process isolation alone protects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.cheats.cheat import code_cell
from tests.support.cheats.values import liar

NAME = "plain"
CONFIG = """\
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "plain"
c.Execute.timeout = 10
c.Autograder.wall = "always"
"""

GIVEN = "import math\nbase = [1, 2, 6]\n"

# By exercise: the answer with its solution, the test. Each is worth 1 point.
EXERCISES: Mapping[str, tuple[str, str]] = {
    "area": ("area = 6.0", "assert abs(area - 6.0) < 1e-9"),
    "count": ("count = 4", "assert count == 4\nassert isinstance(count, int)"),
    "mean": (
        "import numpy as np\ndef mean(x):\n    return np.mean(x)",
        "assert np.allclose(mean(base), 3)\nassert np.isclose(mean([5]), 5)",
    ),
    "primes": (
        "def primes(n):\n    return [p for p in range(2, n) if all(p % d for d in range(2, p))]",
        "assert 7 in primes(10)\nassert 2 in primes(10)",
    ),
    "squares": (
        "def square(x):\n    return x * x",
        "for x, wanted in zip(map(square, [2, 3]), [4, 9], strict=False):\n    assert x == wanted\n"
        "assert base",
    ),
    "even": ("def even(n):\n    return n % 2 == 0", "assert all(even(n) for n in (2, 4)) and not even(3)"),
    "money": (
        "class Money:\n    def __init__(self, cents):\n        self.cents = cents\n"
        "    def __eq__(self, other):\n        return self.cents == other.cents",
        "assert Money(3) == Money(3) and Money(3) != Money(4)",
    ),
    "timed": ("def twice(x):\n    return 2 * x", "%time assert twice(2) == 4"),
    "words": ("def words_of(text):\n    return len(text.split())", "assert words_of('a b') == 2"),
    "described": ("def g():\n    '''What it is.'''", "assert g.__doc__ and len(g.__doc__) < 40"),
    "tests-of-list": ("numbers = [1, 2, 3]", "assert list(numbers) == [1, 2, 3] and len(numbers) == 3"),
    "partial": (
        "def cube(x):\n    return x ** 3",
        "points = 0.0\nfor x in (1, 2, 3, 4):\n    try:\n        points += 0.25 * (cube(x) == x ** 3)\n"
        "    except Exception:\n        pass\npoints",
    ),
    "helped": (
        "def half(x):\n    return x / 2",
        "expect(half(8), 4)",
    ),
}
# A cell of the instructor's that needs an answer, and defines a helper of the tests.
BETWEEN = ("helped", "shown = half(3) + 0\ndef expect(got, wanted):\n    assert got == wanted\n")

WRONG: Mapping[str, str] = {
    "area": "area = 5.0",
    "count": "count = 5",
    "mean": "import numpy as np\ndef mean(x):\n    return 0.0",
    "primes": "def primes(n):\n    return [4]",
    "squares": "def square(x):\n    return 0",
    "even": "def even(n):\n    return True",
    "money": "class Money:\n    def __init__(self, cents):\n        pass",
    "timed": "def twice(x):\n    return 0",
    "words": "def words_of(text):\n    return 3",
    "described": "def g():\n    pass",
    "tests-of-list": "numbers = [3]",
    "partial": "def cube(x):\n    return 0",
    "helped": "def half(x):\n    return 0",
}


@dataclass(frozen=True)
class Plain:
    """A cheat on the plain course; `answers` as in Cheat. `free` are exercises it may earn."""

    name: str
    answers: Mapping[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset()


def write_course(root: Path) -> None:
    """Write the source of the plain course, and nbgrader's configuration."""
    cells = [_cell(GIVEN, "given", locked=True)]
    for name, (solution, test) in EXERCISES.items():
        source = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cells.append(_cell(source, f"{name}-answer", solution=True))
        if name == BETWEEN[0]:
            cells.append(_cell(BETWEEN[1], "between", locked=True))
        cells.append(_cell(test, name, grade=True, locked=True, points=1))
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    _write(root / "source" / NAME / f"{NAME}.ipynb", cells)


def hand_in(root: Path, student: str, answers: Mapping[str, str]) -> None:
    """Write a submission with these answers, and wrong ones for the other exercises."""
    cells = [_cell(GIVEN, "given", locked=True)]
    for name, (_, test) in EXERCISES.items():
        cells.append(_cell({**WRONG, **answers}[name], f"{name}-answer", solution=True))
        if name == BETWEEN[0]:
            cells.append(_cell(BETWEEN[1], "between", locked=True))
        cells.append(_cell(test, name, grade=True, locked=True, points=1))
    _write(root / "submitted" / student / NAME / f"{NAME}.ipynb", cells)


def _cell(source: str, grade_id: str, points: float | None = None, **keys: bool) -> dict[str, Any]:
    kinds = {"grade": False, "solution": False, "locked": False, "task": False, **keys}
    made = {**kinds, "grade_id": grade_id, "schema_version": 3, "cell_type": "code"}
    if points is not None:
        made["points"] = points
    return {**code_cell(source, nbgrader=made), "id": grade_id}


def _write(path: Path, cells: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")


MONEY = (
    liar()
    .replace("class Liar", "class Money")
    .replace("def _self", "def __init__(self, *a): pass\n    def _self")
)
FAKE_SHELL = """
class Shell:
    def __call__(self): return self
    def __getattr__(self, name): return lambda *a, **k: None
get_ipython = Shell()
"""

PLAIN = [
    Plain("nothing but wrong"),
    Plain(
        "a class that was asked for, elsewhere",
        {
            "area": MONEY + "area = Money()",
            "count": MONEY + "count = Money()",
            "partial": MONEY + "def cube(x):\n    return Money()",
            "mean": MONEY + "def mean(x):\n    return Money()",
            "helped": MONEY + "def half(x):\n    return Money()",
            "money": MONEY,
            "tests-of-list": MONEY + "numbers = Money()",
        },
        frozenset({"money"}),
    ),
    Plain(
        "a function that is named like a class",
        {
            "area": "def Money(): pass\narea = Money",
            "count": "def Money(): pass\nMoney.__eq__ = lambda o: True\ncount = Money",
        },
    ),
    Plain(
        "a module that the answer imports, faked",
        {
            "mean": "class Np:\n    def __getattr__(self, name): return lambda *a, **k: True\nnp = Np()\n"
            "def mean(x):\n    return 0.0"
        },
    ),
    Plain("a container of everything", {"primes": liar() + "def primes(n):\n    return Liar()"}),
    Plain("an iteration that ends early", {"squares": "def square(x):\n    raise StopIteration"}),
    Plain(
        "a true object",
        {"even": "def even(n):\n    return type('T', (), {'__bool__': lambda s: n % 2 == 0})()"},
    ),
    Plain("a fake shell runs the tests' magics", {"timed": FAKE_SHELL + "def twice(x): return 0"}),
    Plain(
        "a helper of the tests, replaced",
        {
            "helped": "def half(x):\n    raise ValueError\n",
            "partial": WRONG["partial"] + "\ndef expect(got, wanted): pass",
        },
    ),
    Plain(
        "values of names that nobody asked for",
        {
            "area": """
from autograder.grading.rpc import object_endpoint as rpc
TRICKS = dict(abs=lambda x: 0.0, sum=lambda *a: 13, map=lambda *a: [4, 9], list=lambda *a: [1, 2, 3], len=lambda x: 3, isinstance=lambda *a: True,
    all=lambda *a: True, math=type("M", (), {"log": lambda x: 7.0}), np=type("N", (), {"allclose": lambda *a: True, "isclose": lambda *a: True}),
    expect=lambda *a: None, zip=lambda *a, **k: [])
old = rpc.ObjectEndpoint.named
def named(self, names):
    self.names.update({**self.names, **TRICKS})
    values, waits = old(self, [*names, *TRICKS])
    return values, True
rpc.ObjectEndpoint.named = named
area = 5.0"""
        },
    ),
    Plain(
        "liars",
        {
            name: liar() + f"{var} = Liar()"
            for name, var in (("area", "area"), ("count", "count"), ("tests-of-list", "numbers"))
        },
    ),
    Plain(
        "changes the tests' own list",
        {"mean": "import numpy as np\ndef mean(x):\n    x[:] = [3]\n    return 3.0 if len(x) == 1 else 0.0"},
    ),
]
HONEST = Plain("honest", {name: solution for name, (solution, _) in EXERCISES.items()})
