"""Markdown that the course's authors wrote -> HTML for a page that stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from autograder.rendering.mathml_sanitizer import formula

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_FORMULA = re.compile(r"<math\b.*?</math>", re.S)
_TAG = re.compile(r"<[^>]*>")
_BOX = re.compile(r'<span class="formula.*?</math></span>', re.S)
_ON_A_PHONE = 20  # signs of a formula that have room on one line


def to_html(markdown: str) -> str:
    """Blocks of Markdown as HTML. Tags in it come out as text, math as MathML.

    A page that is read from a folder or a learning platform has no neighbors and asks the network for
    nothing: pictures become their words, links to other files of the course their text.
    """
    return str(_parser().render(markdown))


def is_wide(made: str) -> bool:
    """Whether HTML of this module may be wider than a phone: tables, and formulas that do not break.

    A displayed formula scrolls in a box of its own.
    """
    rest = _BOX.sub("", made)
    return "<table" in rest or any(len(_TAG.sub("", one)) > _ON_A_PHONE for one in _FORMULA.findall(rest))


def line_to_html(markdown: str) -> str:
    """One line of Markdown as HTML, without a paragraph around it."""
    return str(_parser().renderInline(markdown))


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(dollarmath_plugin, double_inline=True)
    for rule in ("math_inline", "math_inline_double", "math_block", "math_block_label"):
        parser.add_render_rule(rule, _math)
    parser.core.ruler.push("stands_alone", _stand_alone)
    parser.add_render_rule("image", _words_of_picture)
    return parser


def _stand_alone(state: StateCore) -> None:
    """Change the tokens of a text so that it fits into a page that has an outline of its own."""
    for index, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "heading")
        if token.type == "th_open" and not state.tokens[index + 1].content:
            token.tag = state.tokens[index + 2].tag = "td"  # the head of nothing is none
        _keep_links_to_the_web(token.children or [])


def _keep_links_to_the_web(children: Iterable[Token]) -> None:
    kept: list[bool] = []
    for child in children:
        if child.type == "link_open":
            kept.append(str(child.attrGet("href") or "").startswith(("https://", "http://")))
            if not kept[-1]:
                child.tag, child.attrs = "span", {}
        elif child.type == "link_close" and not kept.pop():
            child.tag = "span"


def _words_of_picture(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    from markupsafe import escape

    return f"<em>{escape(self.renderInlineAsText(tokens[index].children or [], options, env))}</em>"


def _math(_: RendererHTML, tokens: Sequence[Token], index: int, *__: object) -> str:
    made = formula(tokens[index].content.strip(), tokens[index].type != "math_inline")
    return f"<p>{made}</p>\n" if tokens[index].block else made
