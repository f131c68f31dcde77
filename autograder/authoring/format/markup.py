"""Finds Markdown that means something else than its author thinks: formulas, bold type or code never closed.

Each is text that a notebook shows as it was typed, or not at all, where a formula, bold type, code or a table
was meant. A formula is what markdown-it's dollarmath takes for one, with no blank at the inner side of either
`$`; JupyterLab ends it at a blank line, so none may hold one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import Problem

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

TAGS = frozenset(("br", "details", "kbd", "sub", "summary", "sup"))
"""HTML that a lesson may hold; all else has a form in Markdown."""

_DOLLAR = re.compile(r"(?<!\\)\$")
_PRICE = re.compile(r"\$\d[\d.,]*(?![\d.,]*\s*[-+*/]?\s*\\)[^\\^_{}=$]*")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.S)
_COMMAND = re.compile(
    # Those of STYLE.md and the commonest others: a path or a name with a backslash is none of them.
    r"\\(?:begin|end|d?frac|sqrt|sum|prod|int|ln|log|exp|min|max|sim|approx|neq?|leq?|geq?|cdot|times|pm|infty|to"
    r"|math(?:bb|rm|cal|bf|it|sf)|text|hat|tilde|bar|left|right|partial|nabla|quad|in|mid|d?dots|alpha|beta|gamma"
    r"|delta|epsilon|varepsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|varphi|psi|omega|Delta"
    r"|Sigma|Phi|Omega|Pi|Theta)(?![a-zA-Z])"
)
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
_BLANK = re.compile(r"\n[ \t]*\n")
_DIVIDER = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)+\|?|\|\s*:?-+:?\s*\|")


class Fault(NamedTuple):
    """One fault of a piece of Markdown: the 0-based line, what is wrong, and what to type."""

    line: int
    problem: str
    remedy: str


def faults(cell: Cell) -> Iterator[Problem]:
    """A problem for each fault in a Markdown cell."""
    for offset, text in pieces(cell):
        for fault in faults_of(text):
            yield cell.problem(fault.problem, fault.remedy, offset + fault.line)


def pieces(cell: Cell) -> list[tuple[int, str]]:
    """The texts of a cell that are shown each on its own, with the lines where they begin."""
    if not role_of(cell).one_line_each:
        return [(0, cell.source)]
    lines = enumerate(cell.source.splitlines())
    return [(number, side) for number, line in lines for side in line.split(" :: ", 1) if side.strip()]


def faults_of(markdown: str) -> list[Fault]:
    """The faults of one text, at most one of a kind in a paragraph."""
    lines = markdown.splitlines()
    found: list[Fault] = []
    top = 0  # where the innermost block that knows its lines begins
    for token in _parser().parse(markdown):
        top = token.map[0] if token.map else top
        if token.type == "math_block" and _BLANK.search(token.content):
            found.append(Fault(top, "this $$ is not closed before the next blank line", _CLOSE_BLOCK))
            break  # what follows is read inside out
        if token.type == "fence" and not _is_closed(token, lines):
            found.append(Fault(top, f"this {token.markup} is never closed", _CLOSE_FENCE))
        if token.type == "html_block":
            found += _tags(token.content, top)
        if token.type == "table_open" and token.map:
            found += _rows(lines, *token.map)
        if token.type == "inline":
            found += _inline(token, top)
    return found


_CLOSE_BLOCK = "Put $$ on a line of its own before and after the formula, and no blank line inside."
_CLOSE_FENCE = "Put the same signs on a line of their own after the code."
_CLOSE_MATH = r"Write $…$ around the whole formula, with no blank at the inner sides. A mere dollar is \$."
_CLOSE_COMMAND = "Put the whole formula between $ and $, and what is code between ` and `."


def _inline(token: Token, top: int) -> Iterator[Fault]:
    source = token.content
    lines = source.splitlines()
    for number, (above, row) in enumerate(itertools.pairwise(lines)):
        if "|" in above and _DIVIDER.fullmatch(row.strip()):
            wide, below = _cells(above), _cells(row)
            words = f"this is no table: {wide} cells in its head, {below} in the line below"
            yield Fault(top + number, words, _ROWS)
    line, seen = top, set[str]()
    # A text comes in parts where a backslash stands in it.
    for kind, group in itertools.groupby(token.children or (), key=_kind):
        children = list(group)
        content = "".join(child.content for child in children)
        if kind == "text":
            for sign, words, remedy in _left_over(content, source):
                if sign not in seen:
                    seen.add(sign)
                    at = _odd_line(source, line - top) + top if sign == "$" else line
                    yield Fault(at, words, remedy)
        elif kind == "html_inline":
            yield from _tags(content, line)
        line += content.count("\n") + len(children) * (kind in ("softbreak", "hardbreak"))


def _kind(child: Token) -> str:
    """The type of a part of a paragraph; a backslash that escapes nothing is text."""
    is_text = child.type == "text_special" and child.content == child.markup
    return "text" if is_text else str(child.type)


def _left_over(text: str, paragraph: str) -> Iterator[tuple[str, str, str]]:
    """(kind, problem, remedy) of the signs that Markdown has left in `text` as they are."""
    if "$" in text and "$$" in _CODE.sub("", paragraph):
        yield "$", "a $$ that opens or closes no formula", _CLOSE_BLOCK
    elif "$" in text and not _is_price(paragraph):
        yield "$", "a $ that opens or closes no formula", _CLOSE_MATH
    elif found := _COMMAND.search(text):
        yield (
            "\\",
            f"{found[0]} stands outside of a formula",
            _CLOSE_COMMAND,
        )
    if "**" in text:
        yield "*", "a ** that opens or closes no bold type", "Write **…**, with no blank at the inner sides."
    if "`" in text:
        yield "`", "a ` that opens or closes no code", "Write `…` around the code, on both sides alike."


def _is_price(paragraph: str) -> bool:
    """Whether the only `$` of a paragraph stands before a number, and nothing after it is mathematics."""
    plain = _CODE.sub("", paragraph)
    signs = [match.start() for match in _DOLLAR.finditer(plain)]
    return len(signs) == 1 and bool(_PRICE.fullmatch(plain[signs[0] :]))


def _odd_line(paragraph: str, last: int) -> int:
    """The first line with an odd number of `$`, up to `last`: there one is missing."""
    blanked = _CODE.sub(lambda code: "\n" * code[0].count("\n"), paragraph)
    counts = [len(_DOLLAR.findall(line)) % 2 for line in blanked.splitlines()]
    return next((number for number, odd in enumerate(counts[: last + 1]) if odd), last)


def _is_closed(token: Token, lines: list[str]) -> bool:
    first, end = token.map or (0, len(lines))
    return end - first > 1 and lines[min(end, len(lines)) - 1].strip(" >\t").startswith(token.markup)


def _tags(html: str, line: int) -> Iterator[Fault]:
    for match in _TAG.finditer(html):
        name = match[1].lower()
        if name not in TAGS:
            remedy = (
                "Write a picture as ![what it shows](its-file.png)."
                if name == "img"
                else r"Write it in Markdown. If no HTML is meant, put it in a formula or in code, or type \<."
            )
            at = line + html.count("\n", 0, match.start())
            yield Fault(at, f"{match[0]}… is HTML that a lesson may not hold", remedy)
            return


_ROWS = (
    "Give every row as many cells as the head. A | divides cells also inside a formula: write \\mid, \\vert"
    " or \\Vert there."
)


def _rows(lines: list[str], first: int, end: int) -> Iterator[Fault]:
    """Rows of the table in these lines that are not as wide as its head."""
    wide = _cells(lines[first])
    for number in range(first + 2, end):
        if (here := _cells(lines[number])) != wide:
            yield Fault(number, f"this row of the table has {here} cells, its head has {wide}", _ROWS)


def _cells(row: str) -> int:
    from markdown_it.rules_block.table import escapedSplit

    cells: list[str] = escapedSplit(row.strip(" >\t"))
    return len(cells) - (not cells[0].strip()) - (len(cells) > 1 and not cells[-1].strip())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin, allow_space=False)
    # It would join an escaped sign with the text around it: \$ would look like $.
    return parser.disable("text_join")
