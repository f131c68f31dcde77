"""The released notebook in a real JupyterLab: what a learner sees, opens, types and is told."""

from __future__ import annotations

import re
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright").expect

pytestmark = pytest.mark.browser

FIGURE = "03-figure-1"
CHECK = "03-kl-forward-check"
EXERCISE = "03-reading-4"
"""What is given for kl-forward: the picture at the top of the README begins with it."""
LONG = re.compile(r"^Target: two bumps .{40,}", re.DOTALL)
OPTIMA = re.compile("Forward KL is smallest at")


def test_opens_without_a_question_or_an_error(opened: Any) -> None:
    """No dialog (kernel choice, error), no popup over the text, no cell shows an error."""
    expect(opened.page.locator(".jp-Dialog")).to_have_count(0)
    expect(opened.page.locator(".jp-RenderedText[data-mime-type*=stderr]")).to_have_count(0)
    assert opened.page.locator(".Toastify__toast").all_inner_texts() == []


def test_figure_shows_a_picture_before_anything_ran(opened: Any) -> None:
    """The picture that the build drew, without its code."""
    cell = opened.cell(FIGURE)
    picture = cell.locator("img")
    expect(picture).to_have_count(1)
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    expect(cell.locator(".cm-content")).to_have_count(0)


def test_recall_answers_open_and_are_typeset(opened: Any, keep: Any) -> None:
    """Six questions; each answer is closed until its line is clicked, and then shows typeset math."""
    ids = opened.ids("03-recall-")
    assert len(ids) == 6
    for id in ids:
        _opens(opened.cell(id).locator("details"))
    for id in ids[:5]:
        expect(opened.cell(id).locator("details mjx-container").first).to_be_visible()
    for id in ids[1:]:
        opened.cell(id).locator("summary").click()
    keep("recall", opened.picture(*ids[:3]))
    opened.cell(ids[0]).locator("summary").click()


def test_flashcards_open(opened: Any, lesson: Any) -> None:
    """As many cards as the lesson has, each closed until it is clicked."""
    cards = [opened.cell(id).locator("details") for id in opened.ids("03-cards-")]
    assert sum(group.count() for group in cards) == len(lesson.cards) == 10
    for group in cards:
        for index in range(group.count()):
            _opens(group.nth(index))


def test_run_all_goes_on_to_the_end(ran: Any, lesson: Any) -> None:
    """On the blank notebook every check says that nothing was attempted, and stops nothing."""
    for exercise in lesson.exercises:
        shown = ran.output(f"03-{exercise}-check")
        expect(shown).to_have_count(1)
        expect(shown).to_contain_text(f"{exercise}: not attempted")
        assert len(shown.inner_text().strip().splitlines()) == 1
    said = ran.page.locator(".jp-RenderedText[data-mime-type*=stderr]")
    assert said.count() == len(lesson.exercises)  # and no other cell failed


def test_figure_redraws_when_a_slider_moves(ran: Any, keep: Any) -> None:
    """Both the picture and its text alternative follow the slider."""
    cell = ran.cell(FIGURE)
    picture = cell.locator("img")
    expect(picture).to_have_count(1)
    source, text = picture.get_attribute("src"), picture.get_attribute("alt")
    handle = cell.locator(".widget-slider .noUi-handle").first
    handle.focus()
    for _ in range(5):
        ran.page.keyboard.press("ArrowRight")
    expect(cell.locator(".widget-readout").first).not_to_have_text("0.00")
    expect(picture).not_to_have_attribute("alt", text)
    expect(picture).not_to_have_attribute("src", source)
    expect(picture).to_have_attribute("alt", LONG)
    cell.get_by_role("button", name="shown").click()
    expect(picture).to_have_attribute("alt", OPTIMA)
    keep("figure", ran.picture(FIGURE))
    keep("lesson-figure", ran.view(FIGURE))


def test_bits_are_named(ran: Any, keep: Any) -> None:
    """0.0372 is the right KL in base 2: one line says so, and no traceback stands around it."""
    shown = ran.answer("kl-forward", "kl_forward = 0.0372")
    expect(shown).to_contain_text("✗ kl-forward:")
    expect(shown).to_contain_text("in bits")
    expect(shown).to_contain_text("natural log")
    expect(shown).to_have_count(1)
    assert len(shown.inner_text().strip().splitlines()) == 1
    keep("feedback", ran.picture(EXERCISE, CHECK))


def test_right_answer(ran: Any, keep: Any) -> None:
    """0.0258 is right."""
    shown = ran.answer("kl-forward", "kl_forward = 0.0258")
    expect(shown).to_have_text("✓ kl-forward: right.")
    keep("right", ran.picture("03-kl-forward-prompt", "03-kl-forward-answer", CHECK))


def test_hint_shows_one_more_each_time(ran: Any, lesson: Any, keep: Any) -> None:
    """First one, then two, never more than there are; their math is typeset."""
    hints = len(lesson.exercises["kl-forward"].hints)
    assert hints == 2
    cell = ran.insert_below(CHECK, 'hint("kl-forward")')
    for shown in (1, 2, 2):
        ran.run(cell)
        output = ran.output(cell)
        for number in range(1, hints + 1):
            expect(output.get_by_text(f"Hint {number} of {hints}")).to_have_count(int(number <= shown))
    expect(ran.output(cell).locator("mjx-container").first).to_be_visible()
    assert "$" not in ran.output(cell).inner_text()
    keep("hint", ran.picture(CHECK, cell))


def test_nothing_left_the_machine_and_nothing_failed(ran: Any, watch: Any, keep: Any) -> None:
    """All of the above needed no address but this machine's, and left no error on the console."""
    keep("lesson", ran.view("03-reading-1"))
    assert ran.page.locator(".Toastify__toast").all_inner_texts() == []
    assert watch.left_the_machine == []
    assert watch.errors == []


def _opens(details: Any) -> None:
    """Closed; a click on its line opens it; then it holds text without a raw dollar."""
    expect(details).to_have_count(1)
    assert details.evaluate("node => node.open") is False
    details.locator("summary").click()
    expect(details).to_have_attribute("open", "")
    body = details.inner_text().replace(details.locator("summary").inner_text(), "", 1)
    assert len(body.strip()) > 20
    assert "$" not in body
