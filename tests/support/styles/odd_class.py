"""A class of sixty who answer honestly and oddly: fractions for floats, classes for functions, own cells.

`odd_class.txt` has the exercises, and below each the answers that somebody may give, `# or` between them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.support.styles.notebook_text import Cell, Style, parse

SIZE = 60
EXTRA = (
    "print(average, evens)\ntable",
    "class Scratch:\n    def __repr__(self): return 'notes'\nScratch()",
    "for letter in 'ab':\n    print(letter, counts[letter])",
    "1 / 0",
    "%timeit -n 1 -r 1 normalize([1, 2])",
    "data.append(data.pop())\nimport random\nrandom.seed(3)",
)
"""Cells that learners add for themselves."""
_STEPS = (1, 2, 3, 5, 7, 11, 13, 17)
"""How far from one learner's choice to the next one's, by exercise: so that choices meet in many ways."""


def style() -> Style:
    """The class's notebook; the students are `learner-01` to `learner-60`."""
    text = (Path(__file__).parent / "odd_class.txt").read_text(encoding="utf-8")
    cells = [Cell("given", "import functools\ndata = [1, 2, 3, 4]")]
    for place, exercise in enumerate(parse(text)):
        answer, *tests = exercise.cells
        ways = [answer.source, *answer.instead["odd"].split("\n# or\n")]
        chosen = {
            name: ways[(number * _STEPS[place] + number // len(ways)) % len(ways)]
            for number, name in enumerate(names())
        }
        cells += [replace(answer, instead=chosen), *tests]
    own = {name: EXTRA[number // 3 % len(EXTRA)] for number, name in enumerate(names()) if number % 3 == 0}
    return Style("odd-class", (*cells, Cell("own", "", instead=own)))


def names() -> list[str]:
    """Everybody in the class."""
    return [f"learner-{number:02}" for number in range(1, SIZE + 1)]
