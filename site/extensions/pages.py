"""What the site does to Sphinx's pages: math as MathML, and two repairs for keyboards and screen readers."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from autograder.core.errors import FormulaError
from autograder.rendering.formula_html import formula_html


def inline(self: Any, node: nodes.math) -> None:
    """A formula in a line."""
    self.body.append(_html(node, display=False))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    """A displayed formula; a wide one scrolls in its own box, not the page, and so takes the focus."""
    self.body.append(f"{_html(node, display=True)}\n")
    raise nodes.SkipNode


def _html(node: nodes.Element, display: bool) -> str:
    """A formula; one that cannot be shown is a warning with its place, which stops the site."""
    try:
        return formula_html(node.astext(), display)
    except FormulaError as error:
        logging.getLogger(__name__).warning("%s", error, location=node)
        return ""


def reachable_code(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: Any) -> None:
    """A code block may be wider than its box: with a place in the order of the Tab key it can be scrolled."""
    if "body" in context:
        context["body"] = context["body"].replace("<pre>", '<pre tabindex="0">')


def level_captions(_: Sphinx, __: str, ___: str, context: dict[str, Any], ____: Any) -> None:
    """Sphinx calls a list's caption a heading and gives it no level, which screen readers want."""
    tree = "furo_navigation_tree"
    context[tree] = context.get(tree, "").replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("html-page-context", level_captions, priority=900)
    app.connect("html-page-context", reachable_code, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
