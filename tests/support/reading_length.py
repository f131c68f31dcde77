"""How long a lesson's reading is: what stands between its title and its first recall question."""

from __future__ import annotations

import re

from autograder.authoring.format.lesson import LessonText
from autograder.authoring.roles.cell import Cell

_DISPLAYED = re.compile(r"\$\$.*?\$\$", re.DOTALL)
_INLINE = re.compile(r"\$[^$]+\$")
_WORD = re.compile(r"\S*\w\S*")


def words(text: LessonText) -> int:
    """Words of the role-less Markdown before the first recall question or exercise.

    A formula in a line is one word, a displayed formula none; signs that stand alone (bullets, the bars of
    a table) are none either.
    """
    count = 0
    for block in text.blocks:
        if not isinstance(block, Cell) or block.role == "recall":
            break
        if block.kind == "markdown" and block.role == "":
            count += len(_WORD.findall(_INLINE.sub("formula", _DISPLAYED.sub(" ", block.source))))
    return count
