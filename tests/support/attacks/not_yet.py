"""The list of styles and attacks whose marks are not right yet: a name a line, in a text file.

A name that is listed and passes is a failure, so that the list only shrinks. Behind a name may stand
`| luck`: it passes now and then, and neither outcome is a failure; and, of attacks, `| teacher`: it is the
teacher's own answer that loses marks.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


def read(path: Path) -> dict[str, str]:
    """The names of a list, each with the word behind it, '' for none."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {line.partition(" | ")[0]: line.partition(" | ")[2] for line in lines}


def of_the_teacher(listed: dict[str, str]) -> dict[str, str]:
    """The part of a list that is about the teacher's own answer."""
    return {name: "" for name, word in listed.items() if word == "teacher"}


def parameters(names: Iterable[str], listed: dict[str, str]) -> list[object]:
    """The names for `pytest.mark.parametrize`; those that are listed are expected to fail."""
    listed = {name: word for name, word in listed.items() if word != "teacher"}
    return [
        pytest.param(name, id=name, marks=[_mark(listed[name])] if name in listed else []) for name in names
    ]


def _mark(word: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason="not yet", strict=word != "luck")
