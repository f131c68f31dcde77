"""A line of Markdown with $math$ -> HTML with MathML, which needs no script and no network."""

from __future__ import annotations

import re
from functools import cache
from typing import Any


def to_html(markdown: str) -> str:
    """One line of Markdown as HTML. Tags in it come out as text, so the result is safe to show."""
    return str(_parser().renderInline(markdown))


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    return MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, renderer=_math)


def _math(latex: str, options: dict[str, bool]) -> str:
    from latex2mathml.converter import convert

    made = str(convert(latex, display="block" if options.get("display_mode") else "inline"))
    # latex2mathml sets log close to what follows it, and a keyboard's tilde for the relation.
    made = re.sub(r"<mi>log</mi>(?=<m(?!o))", '<mi>log</mi><mspace width="0.17em"/>', made)
    return made.replace("<mi>&#x0007E;</mi>", "<mo>&#x223C;</mo>")
