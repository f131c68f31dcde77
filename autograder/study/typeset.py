"""A line of Markdown with $math$ -> HTML. The math becomes MathML, which needs no script and no network."""

from __future__ import annotations

import html
from functools import cache
from typing import Any

from autograder.study.mathml import mathml


def to_html(markdown: str, math: str = "mathml") -> str:
    r"""One line of Markdown as HTML. Tags in it come out as text, so the result is safe to show.

    `math` is "mathml", or "tex" for the form that Anki typesets: \(...\).
    """
    return str(_parser(math).renderInline(markdown))


@cache
def _parser(math: str) -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, renderer=_mathml)
    if math == "tex":
        parser.add_render_rule("math_inline", _tex)
    return parser


def _tex(_: Any, tokens: Any, index: int, *__: Any) -> str:
    return rf"\({html.escape(tokens[index].content, quote=False)}\)"


def _mathml(latex: str, options: dict[str, bool]) -> str:
    return mathml(latex, "block" if options.get("display_mode") else "inline")
