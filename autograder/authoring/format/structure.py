"""Rules on the order of cells: no text of the lesson may end up inside an exercise or a folded cell.

A forgotten `+++` breaks no rule of Markdown. The text below it then belongs to the cell above, and vanishes
with it behind "Check your work".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import OF_EXERCISE, role_of
from autograder.core.errors import Problem

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BREAK = re.compile(r"""\s*(?:\+[+ ]*\{.*|\{.*["']role["']\s*:.*|\+\+[+ ]*)$""")
_OPTION = re.compile(r":?\s*role\s*[:=]\s*\w+\s*:?$")
_DIRECTIVE = re.compile(r"\s*(?:`{3,}|~{3,})\s*\{([^}]*)\}")


def swallowed_headings(cells: Iterable[Cell]) -> Iterator[Problem]:
    """A problem for each heading inside a cell that is folded away, or shown elsewhere."""
    for cell in cells:
        folded = role_of(cell).folded
        if cell.kind != "markdown" or not folded:
            continue
        for offset, text in _headings(cell.source):
            yield cell.problem(
                f"the heading {text[:40]!r} is inside a {cell.role!r} cell, which {folded}",
                "Put a line +++ before the heading, with a blank line above and below: a cell begins there."
                " If it belongs where it is, write it in bold.",
                offset,
            )


def lookalikes(cells: Iterable[Cell]) -> Iterator[Problem]:
    """A problem for each line that looks like the beginning or the role of a cell and is text or code."""
    for cell in cells:
        lines = cell.source.splitlines()
        if cell.kind == "code" and lines and _OPTION.match(lines[0]):
            yield cell.problem(
                f"{lines[0][:40]!r} is read as code, not as the role of the cell",
                "Write it as :role: proof right below the ```{code-cell} line, followed by a blank line.",
            )
        for offset, line in enumerate(lines if cell.kind == "markdown" else ()):
            if _BREAK.match(line):
                yield cell.problem(
                    f"{line.strip()[:40]!r} is read as text, not as the beginning of a cell",
                    'Write three signs in column 0, and a blank: +++ {"role": "hint"}',
                    offset,
                )
            elif (found := _DIRECTIVE.match(line)) and found[1] != "code-cell":
                yield cell.problem(
                    f"{line.strip()[:40]!r} begins no code cell, so that nothing runs it",
                    "Write ```{code-cell} ipython3; or, to show code that is not run, ```python",
                    offset,
                )


def given_inside(group: Sequence[Cell]) -> Iterator[Problem]:
    """A problem for each given cell among the cells of one exercise; `group` starts with its prompt.

    A group of one cell has none.
    """
    name = group[0].keys.get("id", "")
    solved = False
    for cell in group[1:]:
        if not cell.is_given:
            solved = solved or OF_EXERCISE[cell.role].filled_in
        else:
            where = "among the cells" if solved else "between the prompt and the answer cell"
            yield cell.problem(
                f"this given cell stands {where} of the exercise {name!r}",
                "Move it above the prompt: the cell to fill in comes right below the question."
                + (" Or move it below the exercise's last cell." if solved else ""),
            )


def _headings(markdown: str) -> Iterator[tuple[int, str]]:
    """(offset of its line, its text) for each heading."""
    if "#" not in markdown and "---" not in markdown and "===" not in markdown:
        return
    tokens = _parser().parse(markdown)
    for token, inside in itertools.pairwise(tokens):
        if token.type == "heading_open" and token.map:
            yield token.map[0], inside.content.strip()


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return MarkdownIt("commonmark").use(dollarmath_plugin)
