"""MathML for pages that many get: nothing in it but MathML, whatever a converter may let through."""

from __future__ import annotations

from functools import lru_cache
from xml.etree.ElementTree import Element

from autograder.rendering.formula_html import shown

TAGS = frozenset(
    "math mi mn mo mtext ms mspace mrow mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup"
    " munder mover munderover mmultiscripts mprescripts none mtable mtr mtd".split()
)
ATTRIBUTES = frozenset(
    "accent accentunder class depth display displaystyle fence form height linethickness lspace mathsize"
    " mathvariant maxsize minsize movablelimits rspace scriptlevel separator stretchy voffset width".split()
)
CLASSES = frozenset(
    f"m-{name}"
    for name in (
        "aligned gathered multline spaced cases matrix small substack left right center next tag boxed bold"
        " over-line under-line italic sans mono line-before line-after line-above line-below".split()
    )
)
"""What formulas.css lays out."""


@lru_cache(maxsize=4096)
def formula(latex: str, display: bool = False) -> str:
    """A formula as HTML with MathML. What cannot be shown is its LaTeX, as code."""
    return shown(latex, display, clean)


def clean(whole: Element) -> Element:
    """The same formula with the tags, attributes and classes of this module alone; all else is its text."""
    if whole.tag not in TAGS:
        made = Element("mtext")
        made.text = "".join(whole.itertext())
        return made
    made = Element(whole.tag)
    for name, value in whole.attrib.items():
        if name == "class":
            value = " ".join(word for word in value.split() if word in CLASSES)
        if value and name in ATTRIBUTES:
            made.set(name, value)
    made.text = whole.text
    made.extend(map(clean, whole))
    return made
