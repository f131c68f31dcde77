"""The environments that a formula may hold, and how each is laid out."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Layout:
    """How an environment is laid out.

    `columns` are the alignments of its columns, as often as there are columns where `repeats`; `kind` is the
    table's class in the style sheet; `argument` names what stands in braces after its \\begin, `option` says
    that brackets may; `tagged`: its lines may have numbers.
    """

    columns: str
    kind: str
    left: str = ""
    right: str = ""
    repeats: bool = False
    display: bool = False
    argument: str = ""
    option: bool = False
    tagged: bool = False


_EQUATIONS = Layout("rl", "aligned", repeats=True, display=True)
_LINES = Layout("c", "gathered", display=True)


def _matrix(left: str = "", right: str = "") -> Layout:
    return Layout("c", "matrix", left, right, repeats=True)


ENVIRONMENTS: dict[str, Layout] = {
    "aligned": replace(_EQUATIONS, option=True),
    "alignedat": replace(_EQUATIONS, option=True, argument="the number of columns"),
    "split": replace(_EQUATIONS, repeats=False),
    **{name: replace(_EQUATIONS, tagged=True) for name in ("align", "align*", "flalign", "flalign*")},
    **{
        name: replace(_EQUATIONS, tagged=True, argument="the number of columns")
        for name in ("alignat", "alignat*")
    },
    **{name: Layout("rcl", "spaced", display=True, tagged=True) for name in ("eqnarray", "eqnarray*")},
    "gathered": replace(_LINES, option=True),
    **{name: replace(_LINES, tagged=True) for name in ("gather", "gather*", "equation", "equation*")},
    **{name: replace(_LINES, tagged=True, kind="multline") for name in ("multline", "multline*")},
    "cases": Layout("ll", "cases", "{"),
    "matrix": _matrix(),
    "pmatrix": _matrix("(", ")"),
    "bmatrix": _matrix("[", "]"),
    "Bmatrix": _matrix("{", "}"),
    "vmatrix": _matrix("|", "|"),
    "Vmatrix": _matrix("\u2016", "\u2016"),
    "smallmatrix": replace(_matrix(), kind="small"),
    "array": Layout("", "matrix", option=True, argument="the columns"),
    "subarray": Layout("", "substack", argument="the columns"),
}
"""All that may stand in \\begin{...}."""

SUBSTACK = Layout("c", "substack")
