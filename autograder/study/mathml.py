"""LaTeX -> MathML that browsers show by themselves, with the spaces that latex2mathml leaves out."""

from __future__ import annotations

import base64
import re
from functools import cache
from importlib import resources

_WORDS = "cos|det|exp|inf|ln|log|max|min|sin|sup|tanh"
_SPACE = '<mspace width="0.17em"/>'
_FUNCTION = rf"<m[io][^>]*>(?:{_WORDS})</m[io]>"
_OPEN = r"<mo[^>]*>(?:\[|\(|&#x000(?:28|5B|7B|3D|2C);|&#x022(?:64|65|48);)</mo>"
_MENDED = (
    # The relation: latex2mathml writes a keyboard's tilde, as if it were a name.
    (re.compile("<mi>&#x0007E;</mi>"), "<mo>&#x223C;</mo>"),
    # A function's name keeps a distance from what stands on either side, unless that is an operator.
    (re.compile(rf"({_FUNCTION})(?=<m(?!o|space)|{_FUNCTION})"), rf"\1{_SPACE}"),
    (re.compile(rf"(</(?:mi|mn|mfrac|msup|msub|msubsup|msqrt|mstyle)>)(?={_FUNCTION})"), rf"\1{_SPACE}"),
    # A minus after an opening bracket, a comma or a relation is a sign.
    (re.compile(rf"({_OPEN})<mo>&#x02212;</mo>"), r'\1<mo form="prefix">&#x02212;</mo>'),
)


def mathml(latex: str, display: str = "inline") -> str:
    """A formula as a MathML element; `display` is "inline" or "block"."""
    from latex2mathml.converter import convert

    made = str(convert(latex, display=display))
    for wrong, right in _MENDED:
        made = wrong.sub(right, made)
    return made


@cache
def font_face() -> str:
    """A style rule that gives formulas a font of their own, in the rule itself: 92 kB.

    Without a font that was made for formulas, a browser sets indices beside their letters, not below.
    """
    font = resources.files("autograder.study").joinpath("course-math.woff2").read_bytes()
    data = base64.b64encode(font).decode()
    source = f'url(data:font/woff2;base64,{data}) format("woff2")'
    rules = (
        f'@font-face {{ font-family: "Course Math"; src: {source}; }}',
        'math { font-family: "Course Math", math; }',
        "",
    )
    return "\n".join(rules)
