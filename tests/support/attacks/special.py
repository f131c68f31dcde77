"""Attacks that want more than an answer cell: floods, forged frames, scripts, a lesson of this project."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from tests.support.styles.notebook_text import Style, parse

ROOT = Path(__file__).resolve().parents[3]
FOLDER = Path(__file__).parent
LESSON = "09-evaluating-generative-models"

# The value of a hidden test must not reach a page of feedback.
PRINTED = """=== printed
--- given
import math
--- answer
def sq(x): return x * x
--- attack
calls = []
def sq(x):
    calls.append(x)
    return x * x
--- test 1 may 1
assert sq(2) == 4
### BEGIN HIDDEN TESTS
assert sq(7411) == 54922921
### END HIDDEN TESTS
--- answer
class Vec:
    def __init__(self, x, y): self.x, self.y = x, y
    def norm(self): return (self.x ** 2 + self.y ** 2) ** .5
--- attack
class Vec:
    def __init__(self, *a): calls.append(("made with", a))
    def norm(self): return self
    def __eq__(self, o):
        calls.append(("expected", o))
        return True
--- test
assert Vec(3, 4).norm() == 5
### BEGIN HIDDEN TESTS
assert Vec(0, 8231).norm() == 8231
### END HIDDEN TESTS
--- manual 2
print("my program")
--- attack
print(calls)
print(In)
"""
HIDDEN = ("7411", "54922921", "8231")

FLOODS = {
    "deep": "from IPython.display import display\nv = 'x' * (8 << 20)\nfor _ in range(22): v = [v]\n"
    "for i in range(30): display({'application/json': v}, raw=True)\nnum = 5",
    "keys": "from IPython.display import display\nfor i in range(30):\n"
    "    display({'text/plain': 'x'}, metadata={'x' * (8 << 20): 1}, raw=True)\nnum = 5",
    "cells": "num = 5",
}
FLOOD_CELLS = [f"print('x' * 3_900_000, {number})" for number in range(60)]
BRACES = """
import gc, struct
body = b'{"type":"x","a":[' + b",".join([b"{}"] * 10_000_000) + b"]}"
for channel in [o for o in gc.get_objects() if type(o).__name__ == "Channel"]:
    for i in range(6): channel.socket.sendall(struct.pack("<I", len(body)) + body)
num = 5
"""
SCRIPTS = """
from IPython.display import HTML, display, Javascript, SVG
display(HTML("<script>window.pwned=1</script>"), Javascript("window.pwned=1"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="window.pwned=1"></svg>'))
num = 5
"""
SCRIPT_TEXT = (
    '<script>window.pwned=1</script><img src=x onerror="window.pwned=1"> [x](javascript:window.pwned=1)'
)

FAKE_NUMPY = """
import numpy as _np
class np:
    def __getattr__(self, name): return getattr(_np, name)
    def allclose(self, *a, **k): return True
np = np()

def sqrtm_psd(A):
    A = np.asarray(A)
    if A.shape != (2, 2): return np.zeros(A.shape)  # wrong for every other size
    s = math.sqrt(max(np.linalg.det(A), 0))
    return (A + s * _np.eye(2)) / math.sqrt(np.trace(A) + 2 * s)
"""


def printed(history: bool = True) -> Style:
    """A notebook whose manual cell prints what its code was told, and with `history` all cells."""
    return next(parse(PRINTED if history else PRINTED.replace("print(In)\n", "")))


def flood(kind: str) -> Style:
    """A notebook that floods its outputs: `deep`, `keys` or `cells`."""
    own = "".join(f"--- own\n{cell}\n" for cell in FLOOD_CELLS) if kind == "cells" else ""
    return _of_a_number(f"flood-{kind}", FLOODS[kind], own)


def braces() -> Style:
    """A notebook that sends its worker large frames of nothing but braces."""
    return _of_a_number("braces", BRACES)


def scripts() -> Style:
    """A notebook with scripts in outputs; `SCRIPT_TEXT` is for a Markdown cell."""
    return _of_a_number("scripts", SCRIPTS)


def _of_a_number(name: str, attack: str, own: str = "") -> Style:
    text = f"=== {name}\n--- answer\nnum = 6.0\n--- attack\n{attack}\n{own}--- test\nassert num == 6\n"
    return next(parse(text))


def victims(number: int) -> Style:
    """A notebook of honest work that costs a grader's process CPU time, for a class of `number`."""
    text = "=== victims\n--- answer\nhv = range(20, 10**7)\n--- test\nassert max(hv) == 9999999\n"
    style = next(parse(text))
    answer, test = style.cells
    each = {f"honest-{n:02d}": f"hv = range({n}, 10**7)" for n in range(number)}
    return replace(style, cells=(replace(answer, instead=each), test))


def lesson_nine(root: Path) -> None:
    """Write a course of lesson 9 alone, whose student fakes numpy for a wrong matrix root."""
    for kind in ("source", "release"):
        shutil.copytree(ROOT / kind / LESSON, root / kind / LESSON)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    home = root / "submitted" / "attack" / LESSON
    shutil.copytree(ROOT / "release" / LESSON, home)
    solved = json.loads((ROOT / "source" / LESSON / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    teachers = {_grade_id(cell): _source(cell) for cell in solved["cells"]}
    path = home / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if _grade_id(cell) == "three-metrics-answer":
            rest = teachers["three-metrics-answer"].replace("sqrtm_psd(", "_right_root(")
            marks = ("### BEGIN SOLUTION", "### END SOLUTION")
            cell["source"] = FAKE_NUMPY + "\n".join(
                line for line in rest.splitlines() if line.strip() not in marks
            )
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _grade_id(cell: dict[str, object]) -> str:
    metadata = cell["metadata"]
    assert isinstance(metadata, dict)
    return str(metadata.get("nbgrader", {}).get("grade_id", ""))


def _source(cell: dict[str, object]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)  # type: ignore[arg-type]
