"""A line of Markdown with $math$ -> HTML. The math becomes MathML, which needs no script and no network."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from autograder.rendering.formula_html import shown

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token


def to_html(markdown: str, math: str = "mathml") -> str:
    r"""One line of Markdown as HTML. Tags in it come out as text, so the result is safe to show.

    `math` is "mathml", or "tex" for the form that Anki typesets: \(...\), and \[...\] for a displayed one.
    """
    return str(_parser(math).renderInline(markdown))


@cache
def _parser(math: str) -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin, double_inline=True)
    for rule in ("math_inline", "math_inline_double"):
        parser.add_render_rule(rule, _tex if math == "tex" else _mathml)
    return parser


def _tex(_: RendererHTML, tokens: Sequence[Token], index: int, *__: object) -> str:
    left, right = ("[", "]") if tokens[index].type == "math_inline_double" else ("(", ")")
    return rf"\{left}{html.escape(tokens[index].content, quote=False)}\{right}"


def _mathml(_: RendererHTML, tokens: Sequence[Token], index: int, *__: object) -> str:
    return shown(tokens[index].content.strip(), tokens[index].type == "math_inline_double")
