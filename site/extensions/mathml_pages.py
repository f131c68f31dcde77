"""Math as MathML, made while the site is built: no script, no network, and the page is small."""

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


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
