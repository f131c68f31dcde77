r"""Environments with rows -> MathML's tables: aligned, cases, matrices, arrays."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from autograder.core.messages import counted
from autograder.rendering import latex_words as words
from autograder.rendering.latex import Converter, Source, Stream, Token, Tokens
from autograder.rendering.mathml_layouts import ENVIRONMENTS, SUBSTACK, Layout

_ALIGN = {"r": "right", "l": "left", "c": "center"}
_SKIP = re.compile(r"\s*-?\s*(?:\d+(?:\.\d+)?|\.\d+)\s*(?:em|ex|mu|pt|px|mm|cm|in)\s*")


def environment(converter: Converter, name: str, begin: Token, stream: Stream) -> Element:
    r"""Convert an environment with rows to a table.

    Args:
        converter: converts what stands in the cells.
        name: the environment's name.
        begin: the \begin token, which was taken from the stream with its name.
        stream: the tokens from there on; the environment is taken from it.

    Returns:
        The table, within its fences where the environment has some.

    Raises:
        FormulaError: where it is not closed, or has other columns than its kind allows.
    """
    layout = ENVIRONMENTS[name]
    inside = Stream(converter.source, stream.environment())
    if layout.option:
        _placement(converter.source, name, inside, begin)
    lines: tuple[int, ...] = ()
    if layout.argument:
        argument = "".join(
            token.text for token in inside.group(Token("command", rf"\begin{{{name}}}", begin.at))
        )
        if not layout.columns:
            layout, lines = _columns(converter.source, layout, name, argument, begin)
        elif not argument.strip().isdigit():
            raise converter.source.error(
                rf"\begin{{{name}}} needs {layout.argument}", rf"Write \begin{{{name}}}{{2}}.", begin.at
            )
    return _table(converter, name, layout, lines, inside.rest(), begin)


def rows(converter: Converter, name: str, tokens: Tokens, begin: Token) -> Element:
    r"""Convert \substack{...} to a table.

    Args:
        converter: converts what stands in the lines.
        name: the command's name, for errors.
        tokens: what stands in its braces.
        begin: the command's token, for the line of an error.

    Returns:
        The table.
    """
    return _table(converter, name, SUBSTACK, (), tokens, begin)


def without_marks(source: Source, tokens: Tokens, tagged: bool) -> tuple[Tokens, list[Element]]:
    r"""Take \label, \tag and \notag out of a line.

    Args:
        source: the formula, for errors.
        tokens: the line.
        tagged: whether lines are numbered here; else nothing is taken out.

    Returns:
        The other tokens, and an element for each \tag.
    """
    kept: Tokens = []
    tags: list[Element] = []
    stream, depth = Stream(source, tokens), 0
    while (token := stream.next()) is not None:
        depth += (token.text == r"\begin") - (token.text == r"\end")
        if token.text not in words.MARKS or depth or not tagged:
            kept.append(token)
        elif token.text == r"\label":
            stream.group(token)
        elif token.text in (r"\tag", r"\tag*"):
            told = _tag(source, token, stream.group(token))
            made = Element("mtext")
            made.text = told if token.text.endswith("*") else f"({told})"
            tags.append(made)
    return kept, tags


def _tag(source: Source, token: Token, group: Tokens) -> str:
    r"""What \tag{...} writes beside a line: plain signs, since a command would be shown as its own name."""
    for one in group:
        if one.kind == "command":
            remedy = rf"Write the sign itself, {token.text}{{*}} or {token.text}{{1}}."
            raise source.error(f"{token.text} shows no commands: {one.text}", remedy, one.at)
    return "".join(one.text for one in group if one.text not in "{}$")


def _placement(source: Source, name: str, inside: Stream, begin: Token) -> None:
    """Read over [t], [b] and [c]: where the table stands beside its line, which MathML always centers."""
    option = inside.optional()
    if option is not None and "".join(token.text for token in option).strip() not in ("t", "b", "c"):
        raise source.error(
            rf"\begin{{{name}}} reads what stands in [ ] as its placement",
            r"Put braces around it: {[}.",
            begin.at,
        )


def _columns(
    source: Source, layout: Layout, name: str, told: str, begin: Token
) -> tuple[Layout, tuple[int, ...]]:
    r"""The columns {lc|r} of an array, and before which of them a line stands."""
    columns, lines = "", []
    for letter in told:
        if letter in _ALIGN:
            columns += letter
        elif letter == "|":
            lines.append(len(columns))
        elif not letter.isspace():
            raise source.error(
                rf"\begin{{{name}}} does not know the column {letter!r}", "Use l, c, r and |.", begin.at
            )
    if not columns:
        raise source.error(rf"\begin{{{name}}} has no columns", rf"Write \begin{{{name}}}{{ll}}.", begin.at)
    return replace(layout, columns=columns), tuple(lines)


def _table(
    converter: Converter, name: str, layout: Layout, lines: tuple[int, ...], tokens: Tokens, begin: Token
) -> Element:
    grid, ruled = _grid(converter.source, tokens)
    table = Element("mtable", {"class": f"m-{layout.kind}"})
    if layout.display:
        table.set("displaystyle", "true")
    if layout.kind == "small":
        table.set("scriptlevel", "+1")
    numbered = False
    for index, row in enumerate(grid):
        made = SubElement(table, "mtr")
        _refuse_too_wide(converter.source, layout, name, row, begin)
        last, tags = without_marks(converter.source, row[-1], layout.tagged)
        for column, cell in enumerate((*row[:-1], last)):
            align = layout.columns[column % len(layout.columns)]
            if layout.kind == "multline":
                align = "l" if index == 0 else "r" if index == len(grid) - 1 else "c"
            marks = _marks(layout, column, align, column in lines, index in ruled)
            if column == len(row) - 1 and column + 1 in lines:
                marks += " m-line-after"
            if index == len(grid) - 1 and len(grid) in ruled:
                marks += " m-line-below"
            inside = SubElement(made, "mtd", {"class": marks.strip()})
            inside.extend(converter.row(cell, "block" if layout.display else "inline"))
            if layout.kind in ("aligned", "spaced") and column % 2 == 1:
                _infix(inside)
        for tag in tags:
            numbered = True
            SubElement(made, "mtd", {"class": "m-tag"}).append(tag)
    _fill_up(table, numbered)
    return _fenced(table, layout)


def _refuse_too_wide(source: Source, layout: Layout, name: str, row: list[Tokens], begin: Token) -> None:
    """Raise FormulaError where a line has more cells than its environment has columns."""
    if not layout.repeats and len(row) > len(layout.columns):
        raise source.error(
            f"{name} has {counted(len(layout.columns), 'column')}, this line has {len(row)}",
            "Take the & out, or use array, which says its columns.",
            _place(row, begin),
        )


def _fill_up(table: Element, numbered: bool) -> None:
    """Give each row as many cells as the longest has, with a number as the last."""
    if not numbered:
        return
    most = max(len(row) - (row[-1].get("class") == "m-tag") for row in table)
    for row in table:
        has = row[-1].get("class") == "m-tag"
        for _ in range(most - len(row) + has):
            row.insert(len(row) - has, Element("mtd"))


def _infix(cell: Element) -> None:
    """What begins a column has its left side in the column before: x &= y, x &+ y."""
    if len(cell) and cell[0].tag == "mo" and "form" not in cell[0].attrib:
        cell[0].set("form", "infix")


def _marks(layout: Layout, column: int, align: str, line: bool, ruled: bool) -> str:
    """The classes of a cell."""
    marks = [f"m-{_ALIGN[align]}"]
    if layout.kind == "aligned" and column and column % 2 == 0:
        marks.append("m-next")  # another equation in the same row
    if line:
        marks.append("m-line-before")
    if ruled:
        marks.append("m-line-above")
    return " ".join(marks)


def _place(row: list[Tokens], begin: Token) -> int:
    return next((token.at for cell in row for token in cell if token.kind != "space"), begin.at)


def _fenced(table: Element, layout: Layout) -> Element:
    if not layout.left and not layout.right:
        return table
    row = Element("mrow")
    for sign, form in ((layout.left, "prefix"), (layout.right, "postfix")):
        if form == "postfix":
            row.append(table)
        if sign:
            SubElement(row, "mo", {"form": form, "fence": "true", "stretchy": "true"}).text = sign
    return row


def _grid(source: Source, tokens: Tokens) -> tuple[list[list[Tokens]], set[int]]:
    r"""The cells of each row, and above which rows a line stands. An empty last row is none."""
    grid: list[list[Tokens]] = [[[]]]
    ruled: set[int] = set()
    stream, depth = Stream(source, tokens), 0
    while (token := stream.next()) is not None:
        depth += (token.text in ("{", r"\begin")) - (token.text in ("}", r"\end"))
        if depth == 0 and token.text == "&" and token.kind == "sign":
            grid[-1].append([])
        elif depth == 0 and token.text == r"\\":
            stream.skip("*")
            _skip_distance(stream)
            grid.append([[]])
        elif depth == 0 and token.text in words.LINES:
            ruled.add(len(grid) - 1)
        else:
            grid[-1][-1].append(token)
    if (
        len(grid) > 1
        and all(token.kind == "space" for cell in grid[-1] for token in cell)
        and len(grid[-1]) == 1
    ):
        grid.pop()
    return grid, ruled


def _skip_distance(stream: Stream) -> None:
    r"""Read over the distance of \\[2pt]; any other bracket begins the next row."""
    here = stream.mark()
    option = stream.optional()
    if option is not None and not _SKIP.fullmatch("".join(token.text for token in option)):
        stream.back(here)
