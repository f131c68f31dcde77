"""What the site does to Sphinx's pages: math as MathML, and two repairs for keyboards and screen readers."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from autograder.study.mathml import mathml


def inline(self: Any, node: nodes.math) -> None:
    """A formula in a line."""
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    """A displayed formula; a wide one scrolls in its own box, not the page, and so takes the focus."""
    made = mathml(node.astext(), "block")
    self.body.append(f'<div class="formula" tabindex="0" role="group" aria-label="formula">{made}</div>\n')
    raise nodes.SkipNode


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
