"""LaTeX -> MathML for pages that many get: small, and with nothing in it but MathML.

latex2mathml copies what stands in \\text{...}, \\href and \\style into its result as it is, tags and all.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from autograder.study.mathml import mathml

_TAGS = frozenset(
    "math mi mn mo mtext ms mspace mrow mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup msubsup"
    " munder mover munderover mmultiscripts mprescripts none mtable mtr mtd".split()
)
_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing depth displaystyle fence form height"
    " linethickness lspace mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowlines"
    " rowspacing rspace scriptlevel separator stretchy voffset width".split()
)
_TAG = re.compile(r'<(/?)([a-z]+)((?:\s+[\w:-]+="[^"<>]*")*)\s*(/?)>')
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"<>]*)"')
_IN_A_ROW = re.compile(r"(<math[^>]*>)<mrow>(.*)</mrow>(</math>)", re.S)


@lru_cache(maxsize=4096)
def formula(latex: str, display: bool = False) -> str:
    """A formula as a MathML element. All in it that is no known tag of MathML comes out as text."""
    parts, end = [], 0
    made = mathml(latex, "block" if display else "inline")
    for found in _TAG.finditer(made):
        if found[2] in _TAGS:
            parts += [_text(made[end : found.start()]), _tag(found, display)]
            end = found.end()
    whole = "".join((*parts, _text(made[end:])))
    # A formula is a row by itself; latex2mathml puts another one around all of it.
    row = _IN_A_ROW.fullmatch(whole)
    return f"{row[1]}{row[2]}{row[3]}" if row and _is_balanced(row[2]) else whole


def _is_balanced(text: str) -> bool:
    """Whether no row is closed in `text` that was not opened in it."""
    depth = 0
    for mark in re.findall(r"</?mrow\b", text):
        depth += -1 if mark.startswith("</") else 1
        if depth < 0:
            return False
    return depth == 0


def _text(text: str) -> str:
    return html.escape(html.unescape(text), quote=False)


def _tag(found: re.Match[str], display: bool) -> str:
    close, name, attributes, empty = found.groups()
    if close:
        return f"</{name}>"
    kept = [f' {key}="{value}"' for key, value in _ATTRIBUTE.findall(attributes) if key in _ATTRIBUTES]
    if name == "math" and display:
        kept.append(' display="block"')
    return f"<{name}{''.join(kept)}{'/' * bool(empty)}>"
