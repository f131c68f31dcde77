"""The deck of flashcards and the progress table in JupyterLab: by key, by click, after a reload, on paper."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from notebook_page import NotebookPage

from autograder.study.learner_log import FILE

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
expect = sync_api.expect

pytestmark = pytest.mark.browser

DECK, PROGRESS = "03-review", "03-progress"


@pytest.fixture(scope="module")
def book(context: Any, server: str) -> Iterator[NotebookPage]:
    """Lesson 3 after its first cell ran, in a workspace of its own."""
    page = context.new_page()
    # The printer's dialog is replaced by a note of what was to be printed.
    page.add_init_script("window.print = () => { top.printed = document.documentElement.outerHTML }")
    opened = NotebookPage.open(page, server.replace("/lab/tree/", "/lab/workspaces/deck/tree/"))
    opened.run("03-given-1")
    yield opened
    page.close()


def deck_of(book: NotebookPage) -> Any:
    """The deck that the review cell shows, run anew."""
    book.run(DECK)
    found = book.cell(DECK).locator(".gm-deck")
    expect(found).to_be_visible()
    return found


def reviews(course: Path) -> list[tuple[str, int]]:
    """What the learner's log says of cards."""
    lines = (course / "work" / FILE).read_text(encoding="utf-8").splitlines()
    events = map(json.loads, lines)
    return [(event["card"], event["rating"]) for event in events if event["what"] == "review"]


def test_a_card_is_turned_and_rated_by_key(book: NotebookPage, course: Path, keep: Any) -> None:
    deck = deck_of(book)
    card, answer = deck.locator(".gm-card"), deck.locator(".gm-answer")
    expect(deck.locator(".gm-place")).to_have_text("Card 1 of 10")
    expect(answer).to_be_hidden()
    expect(deck.get_by_role("button", name="3 good")).to_be_disabled()
    card.focus()
    book.page.keyboard.press("3")  # not turned yet: no rating
    expect(deck.locator(".gm-place")).to_have_text("Card 1 of 10")
    book.page.keyboard.press("Enter")
    expect(answer).to_be_visible()
    expect(answer.locator("math").first).to_be_visible()
    keep("deck", book.picture(DECK))
    card.focus()
    book.page.keyboard.press("3")
    expect(deck.locator(".gm-place")).to_have_text("Card 2 of 10")
    expect(deck.locator(".gm-said")).to_contain_text("The last card comes back in")
    expect(answer).to_be_hidden()
    book.page.keyboard.press("Space")
    expect(answer).to_be_visible()
    book.page.keyboard.press("4")
    expect(deck.locator(".gm-place")).to_have_text("Card 3 of 10")
    # The keys were the deck's: the notebook made no heading of its cell, and opened no editor.
    assert len([id for id in book.ids() if id == DECK]) == 1
    assert reviews(course) == [("03-card-1", 3), ("03-card-2", 4)]


def test_buttons_do_the_same(book: NotebookPage, course: Path) -> None:
    deck = book.cell(DECK).locator(".gm-deck")
    deck.locator(".gm-card").click()
    deck.get_by_role("button", name="2 hard").click()
    expect(deck.locator(".gm-place")).to_have_text("Card 4 of 10")
    assert reviews(course)[-1] == ("03-card-3", 2)


def test_state_is_kept_over_a_reload(book: NotebookPage) -> None:
    book.page.reload()
    again = NotebookPage.open(book.page, book.page.url)
    deck = deck_of(again)
    expect(deck.locator(".gm-place")).to_have_text("Card 1 of 7")


def test_a_mistake_brings_its_card_to_the_front(book: NotebookPage, course: Path) -> None:
    shown = book.answer("kl-forward", "kl_forward = 0.0372")
    expect(shown).to_contain_text("base-2 logs")
    deck = deck_of(book)
    expect(deck.locator(".gm-place")).to_have_text("Card 1 of 9")
    expect(deck.locator(".gm-question")).to_contain_text("definition")


def test_progress_after_a_wrong_a_right_and_no_answer(book: NotebookPage, keep: Any) -> None:
    def row(exercise: str) -> Any:
        return book.output(PROGRESS).locator("tr").filter(has_text=exercise).first

    book.run(PROGRESS)
    expect(row("kl-forward")).to_contain_text("tried")
    expect(row("kl-after-training")).to_contain_text("untouched")
    book.answer("kl-forward", "kl_forward = 0.0258")
    book.run(PROGRESS)
    expect(row("kl-forward")).to_contain_text("done")
    expect(book.output(PROGRESS).last.locator("svg, img").first).to_be_visible()
    keep("progress", book.picture(PROGRESS))


def test_print_gives_one_page_a_card(book: NotebookPage, context: Any, lesson: Any) -> None:
    from pypdf import PdfReader

    deck = deck_of(book)
    deck.get_by_role("button", name="Print cards").click()
    book.page.wait_for_function("window.printed")
    paper = context.new_page()
    paper.set_content(book.page.evaluate("window.printed"))
    pages = PdfReader(io.BytesIO(paper.pdf(prefer_css_page_size=True))).pages
    paper.close()
    assert len(pages) == len(lesson.cards) == 10
    for number, page in enumerate(pages, 1):
        assert f"card {number} of 10" in page.extract_text()
