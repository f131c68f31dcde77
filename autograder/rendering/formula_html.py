"""A formula as HTML of a page: a displayed one in a box that scrolls, a long one in a line in parts."""

from __future__ import annotations

import base64
import copy
import html
import math
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from xml.etree.ElementTree import Element, tostring

from autograder.core.errors import FormulaError
from autograder.rendering.formula_width import width
from autograder.rendering.mathml import element

ON_A_PHONE = 18.0
"""The em that a phone's line has room for; what is wider has a box that the Tab key reaches."""
_STEP, _WIDEST = 3, 150
_ROOM = 1.06
"""What is added to an estimate, which may be that much too small."""
_SPARE = re.compile(r"/\*.*?\*/|\n\s*|(?<=[:;{}])\s+|\s+(?=[{}])|;\s*(?=})", re.S)
_PART = 10.0
"""A formula in a line may be broken after this many em."""
_BREAKS = frozenset("=≈≤≥<>≠≡∼∝→⇒⇔≪≫:,+−±×·∣|")
_TIGHT = frozenset(",:")
"""A line ends after one of these, and before any other."""


def formula_html(
    latex: str, display: bool = False, clean: Callable[[Element], Element] = lambda made: made
) -> str:
    """Convert a formula to HTML.

    Args:
        latex: the formula, without its $ signs.
        display: whether it stands on lines of its own.
        clean: applied to the MathML before it is written, as a sanitizer is.

    Returns:
        HTML of one element.

    Raises:
        FormulaError: where the formula cannot be shown, with its line and what to write instead.
    """
    made = clean(element(latex, "block" if display else "inline"))
    wide = width(made)
    if display:
        size, reach = "", ""
        if wide > ON_A_PHONE:
            size = f" ems-{min(_WIDEST, math.ceil(wide * _ROOM / _STEP) * _STEP)}"
            reach = ' tabindex="0" role="group" aria-label="formula"'
        return f'<span class="formula{size}"{reach}>{_written(made)}</span>'
    if wide <= ON_A_PHONE:
        return _written(made)
    parts = "<wbr>".join(map(_written, _parts(made)))
    return f'<span class="formula-parts">{parts}</span>'


def shown(latex: str, display: bool = False, clean: Callable[[Element], Element] = lambda made: made) -> str:
    """Convert a formula to HTML; one that cannot be shown comes out as its LaTeX, in a code element.

    For pages that readers see: LaTeX helps them more than an error. `build` has refused it before.

    Args:
        latex: the formula, without its $ signs.
        display: whether it stands on lines of its own.
        clean: applied to the MathML before it is written, as a sanitizer is.

    Returns:
        HTML of one element.
    """
    try:
        return formula_html(latex, display, clean)
    except FormulaError:
        return f"<code>{html.escape(latex, quote=False)}</code>"


def _written(made: Element) -> str:
    return tostring(made, encoding="unicode")


def _parts(whole: Element) -> list[Element]:
    """A formula in a line, cut before relations and sums, outside of brackets where that is enough."""
    parts = _cut(list(whole), 0)
    if any(sum(map(width, part)) > ON_A_PHONE for part in parts):
        parts = [piece for part in parts for piece in _cut(part, 9)]
    found: list[Element] = []
    for part in parts:
        made = Element("math", whole.attrib)
        made.extend(copy.copy(one) for one in part)
        if found and made[0].tag == "mo" and "form" not in made[0].attrib:
            made[0].set("form", "infix")
        found.append(made)
    return found


def _cut(row: list[Element], deepest: int) -> list[list[Element]]:
    parts: list[list[Element]] = [[]]
    depth, so_far = 0, 0.0
    for index, one in enumerate(row):
        text = one.text or ""
        if one.tag == "mo":
            depth += (text in "([{") - (text in ")]}") if text else 0
        sign = one.tag == "mo" and text in _BREAKS and one.get("form") in (None, "infix")
        if sign and depth <= deepest and so_far > _PART / 2 and text not in _TIGHT and index + 1 < len(row):
            parts.append([])
            so_far = 0.0
        parts[-1].append(one)
        so_far += width(one)
        if sign and depth <= deepest and text in _TIGHT and so_far > _PART / 2 and index + 1 < len(row):
            parts.append([])
            so_far = 0.0
    return parts


@cache
def formula_style() -> str:
    """The style rules of formulas, as a page of any kind needs them."""
    rules = resources.files("autograder.rendering").joinpath("formulas.css").read_text(encoding="utf-8")
    sizes = "".join(f".ems-{n}{{--ems:{n}}}" for n in range(_STEP, _WIDEST + 1, _STEP) if n > ON_A_PHONE)
    return f"{_SPARE.sub('', rules)}{sizes}\n"


@cache
def font_face() -> str:
    """A style rule that gives formulas a font of their own, in the rule itself: 92 kB.

    Without a font that was made for formulas, a browser sets indices beside their letters, not below.
    """
    font = resources.files("autograder.rendering").joinpath("course-math.woff2").read_bytes()
    data = base64.b64encode(font).decode()
    source = f'url(data:font/woff2;base64,{data}) format("woff2")'
    rules = (
        f'@font-face {{ font-family: "Course Math"; src: {source}; }}',
        'math { font-family: "Course Math", math; }',
        "",
    )
    return "\n".join(rules)
