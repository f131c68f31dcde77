"""Generated LaTeX: what is well formed is shown whole, rubbish is refused or shown, and never leaks."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from autograder.core.errors import FormulaError
from autograder.rendering.mathml import mathml
from tests.support.read_back import faults

_LEAVES = st.sampled_from(
    ["x", "y", "3", "0.5", r"\alpha", r"\Sigma", r"\log x", r"\mathbb{E}", r"\text{a<b}", r"\bar{x}", "z'"]
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    rows = st.lists(pair, min_size=1, max_size=3)
    return st.one_of(
        pair.map(lambda two: f"{two[0]} + {two[1]}"),
        pair.map(lambda two: f"{{{two[0]}}}^{{{two[1]}}}"),
        pair.map(lambda two: f"{{{two[0]}}}_{{{two[1]}}}"),
        pair.map(lambda two: rf"\frac{{{two[0]}}}{{{two[1]}}}"),
        inner.map(lambda one: rf"\sqrt{{{one}}}"),
        inner.map(lambda one: rf"\left( {one} \right)"),
        inner.map(lambda one: rf"\sum_{{{one}}} x"),
        inner.map(lambda one: rf"\underbrace{{{one}}}_{{n}}"),
        *(
            rows.map(lambda some, name=name: _environment(name, [f"{a} & {b}" for a, b in some]))
            for name in ("aligned", "align*", "cases", "pmatrix", "smallmatrix", "split")
        ),
        rows.map(lambda some: _environment("gathered", [a for a, _ in some])),
        rows.map(lambda some: _environment("array", [f"{a} & {b}" for a, b in some], "{r|l}")),
    )


def _environment(name: str, rows: list[str], argument: str = "") -> str:
    body = r" \\ ".join(rows)
    return rf"\begin{{{name}}}{argument} {body} \end{{{name}}}"


@given(st.recursive(_LEAVES, _larger, max_leaves=12), st.sampled_from(["block", "inline"]))
@example(
    r"\begin{aligned} \begin{cases} x & y \\ 3 & z' \end{cases} & x \\ \frac{x}{y} & 3 \end{aligned}", "block"
)
def test_generated_formulas_are_whole(latex: str, display: str) -> None:
    assert faults(latex, mathml(latex, display)) == []


_PIECES = st.sampled_from(
    r"x 1 { } & \\ ^ _ \frac \begin{aligned} \end{aligned} \begin{cases} \end{cases} \left \right ( ) [ ]"
    r" \text \alpha \sqrt \sum $ % # ' \tag \label \hline \operatorname \big | \substack \limits \hspace"
    r" \not \, - \begin{array} \mathrm \foo < & \over".split()
)


@given(st.lists(_PIECES, max_size=14).map(" ".join), st.sampled_from(["block", "inline"]))
@example(r"\begin{aligned} \begin{aligned} & \end{aligned} \\ \\ \end{aligned}", "block")
@example(r"\text { \text { $ x $ } }", "block")
@example(r"\tag \left", "block")
def test_rubbish_is_refused_or_shown_but_never_leaks(latex: str, display: str) -> None:
    try:
        made = mathml(latex, display)
    except FormulaError as error:
        assert error.problem and error.remedy and 0 <= error.line <= latex.count("\n")
        return
    text = "".join(ElementTree.fromstring(made).itertext())
    assert not re.search(r"\\[a-zA-Z]|[\ue000-\uf8ff]", text)
    assert "&" not in text or r"\text" in latex
