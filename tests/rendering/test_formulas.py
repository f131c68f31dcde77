"""Formulas of each kind that an author may write, read back from their MathML, and how a page holds them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from autograder.core.errors import FormulaError
from autograder.rendering import block_markdown
from autograder.rendering.formula_html import ON_A_PHONE, formula_html, formula_style, shown
from autograder.rendering.formula_width import width
from autograder.rendering.inline_markdown import to_html
from autograder.rendering.mathml import element, mathml
from autograder.rendering.mathml_layouts import ENVIRONMENTS
from autograder.rendering.mathml_sanitizer import ATTRIBUTES, CLASSES, TAGS, formula
from tests.support.formula_kinds import KINDS, REFUSED
from tests.support.read_back import faults

_MATH = re.compile(r"<math\b.*?</math>", re.S)


@pytest.mark.parametrize("display", ["block", "inline"])
@pytest.mark.parametrize("latex", KINDS.values(), ids=KINDS)
def test_every_kind_that_an_author_writes(latex: str, display: str) -> None:
    if r"\tag{3}" in latex or latex.endswith(r"\label{eq:x}"):
        display = "block"
    assert faults(latex, mathml(latex, display)) == []
    assert formula(latex, display == "block") == formula_html(latex, display == "block")


def test_each_environment_has_its_kind() -> None:
    written = " ".join(KINDS.values())
    missing = [name for name in ENVIRONMENTS if rf"\begin{{{name.rstrip('*')}" not in written]
    assert missing == ["flalign", "flalign*"]


@pytest.mark.parametrize("latex", KINDS.values(), ids=KINDS)
def test_the_sanitizer_knows_all_that_is_made(latex: str) -> None:
    for one in element(latex, "block").iter():
        assert one.tag in TAGS
        assert set(one.attrib) <= ATTRIBUTES
        assert set(one.get("class", "").split()) <= CLASSES


def test_columns_stand_to_the_side_where_they_meet() -> None:
    rows = list(element(KINDS["two equations in a row"], "block").iter("mtr"))
    assert [[cell.get("class") for cell in row] for row in rows] == [
        ["m-right", "m-left", "m-right m-next", "m-left"]
    ] * 2
    (table,) = element(KINDS["array"]).iter("mtable")
    assert [cell.get("class") for cell in table[1]] == [
        "m-left m-line-above",
        "m-center m-line-before m-line-above",
        "m-right m-line-above",
    ]
    assert [cell[0].get("class") for cell in element(KINDS["multline"]).iter("mtr")] == [
        "m-left",
        "m-center",
        "m-right",
    ]


def test_a_relation_between_two_columns_keeps_its_space() -> None:
    first = [row[1][0] for row in element(KINDS["aligned"], "block").iter("mtr")]
    assert [(one.text, one.get("form")) for one in first] == [("=", "infix"), ("≤", "infix")]


def test_a_minus_after_a_relation_is_a_sign() -> None:
    forms = [one.get("form") for one in element("a = -b - (-c)").iter("mo") if one.text == "−"]
    assert forms == ["prefix", None, "prefix"]


def test_limits_stand_below_in_a_displayed_formula() -> None:
    assert [one.tag for one in element(r"\max_x \sum_i \int_0", "block") if len(one)] == [
        "munder",
        "munder",
        "msub",
    ]
    assert [one.tag for one in element(r"\max_x", "inline")] == ["msub"]


def test_letters_of_a_font_are_the_letters_of_unicode() -> None:
    text = "".join(
        element(r"\mathbb{E1} \mathcal{LN} \mathbf{x\theta} \mathfrak{C} \boldsymbol{\epsilon}").itertext()
    )
    assert text == "𝔼𝟙ℒ𝒩𝐱𝛉ℭ𝝐"


@pytest.mark.parametrize(("latex", "says", "remedy", "line"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_shown_is_an_error_with_its_line(
    latex: str, says: str, remedy: str, line: int
) -> None:
    with pytest.raises(FormulaError) as caught:
        mathml(latex, "block")
    error = caught.value
    assert says in error.problem and remedy in error.remedy and error.line == line
    assert error.formula == latex and error.problem in str(error)


def test_a_page_for_readers_shows_its_latex_then() -> None:
    assert shown(r"\foo{<b>}") == r"<code>\foo{&lt;b&gt;}</code>"
    assert to_html(r"It is $\foo$.") == r"It is <code>\foo</code>."
    assert block_markdown.to_html("$$\n\\foo\n$$") == "<p><code>\\foo</code></p>\n"


def test_a_wide_formula_has_a_box_that_the_keyboard_reaches() -> None:
    narrow, wide = formula_html("a = b", True), formula_html(" + ".join(["abc"] * 12), True)
    assert narrow.startswith('<span class="formula"><math display="block">')
    found = re.match(
        r'<span class="formula ems-(\d+)" tabindex="0" role="group" aria-label="formula"><math', wide
    )
    assert found and width(element(" + ".join(["abc"] * 12))) <= int(found[1])
    assert f".ems-{found[1]}{{--ems:{found[1]}}}" in formula_style()


def test_a_long_formula_in_a_line_may_break_and_loses_nothing() -> None:
    latex = (
        r"\mathrm{KL}(p\,\|\,q) = -\sum_x p(x) \log q(x) + \sum_x p(x) \log p(x) \approx 0.1234 + 0.56 - 0.25"
    )
    made = formula_html(latex)
    parts = _MATH.findall(made)
    assert len(parts) > 3 and made.count("<wbr>") == len(parts) - 1
    whole = "".join("".join(ElementTree.fromstring(part).itertext()) for part in parts)
    assert whole == "".join(element(latex).itertext())
    for part in parts:
        assert width(ElementTree.fromstring(part)) < ON_A_PHONE
        first = ElementTree.fromstring(part)[0]
        assert first.tag != "mo" or first.get("form") in ("infix", "prefix")
