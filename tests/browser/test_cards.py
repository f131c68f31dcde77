"""The page of flashcards: opened by click and by key, printed one card a page with nothing lost."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright").expect

pytestmark = pytest.mark.browser

MATH = re.compile(r"\$[^$]+\$")


@pytest.fixture(scope="module")
def made(browser: Any, course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML page that `autograder cards 03 --print --pdf` wrote; its PDF lies beside it."""
    target = tmp_path_factory.mktemp("cards") / "cards.html"
    command = [sys.executable, "-m", "autograder", "cards", "03", "--print", "--pdf"]
    command += ["--to", str(target), "--course", str(course)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture()
def page(context: Any, made: Path) -> Any:
    """The page in a browser whose print dialog is replaced by a counter."""
    page = context.new_page()
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1 }")
    page.goto(made.as_uri())
    yield page
    page.close()


def test_a_click_opens_a_card(page: Any, lesson: Any, keep: Any) -> None:
    """All are closed at first; a click shows the answer of one card only."""
    cards = page.locator("details")
    expect(cards).to_have_count(len(lesson.cards))
    expect(page.locator("details[open]")).to_have_count(0)
    expect(page.locator("details .answer").first).to_be_hidden()
    for index in range(2):
        cards.nth(index).locator("summary").click()
        expect(cards.nth(index).locator(".answer")).to_be_visible()
        expect(cards.nth(index).locator(".answer math").first).to_be_visible()
        expect(page.locator("details[open]")).to_have_count(index + 1)
    keep("cards", page.screenshot())


def test_keys_open_a_card(page: Any) -> None:
    """Tab reaches the print button, then the first card; Enter opens it and closes it again."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Print flashcards")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("details .answer").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("details .answer").first).to_be_hidden()


def test_the_button_prints(page: Any) -> None:
    """Print flashcards asks the browser to print, once."""
    page.get_by_role("button", name="Print flashcards").click()
    assert page.evaluate("window.printed") == 1


def test_the_browser_prints_one_card_a_page(page: Any, lesson: Any) -> None:
    """What the print button gives, also with a card left open on the screen."""
    page.locator("summary").first.click()
    _holds_every_card(page.pdf(prefer_css_page_size=True), lesson)


def test_the_pdf_has_one_card_a_page(made: Path, lesson: Any, keep: Any) -> None:
    """What `autograder cards 03 --pdf` gives, counted by two programs where poppler is installed."""
    path = made.with_suffix(".pdf")
    _holds_every_card(path.read_bytes(), lesson)
    if shutil.which("pdfinfo"):
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        assert re.search(r"^Pages:\s+(\d+)$", told, re.MULTILINE).group(1) == str(len(lesson.cards))
    if shutil.which("pdftotext"):
        told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
        _same_words(told.split("\f")[: len(lesson.cards)], lesson)
    if shutil.which("pdftoppm"):
        first = ["pdftoppm", "-png", "-r", "130", "-f", "1", "-l", "1", path]
        keep("cards-print", subprocess.run(first, capture_output=True, check=True).stdout)


def test_the_cards_need_no_network(page: Any, watch: Any) -> None:
    """The page is complete by itself."""
    assert watch.left_the_machine == []
    assert watch.errors == []


def _holds_every_card(pdf: bytes, lesson: Any) -> None:
    pypdf = pytest.importorskip("pypdf", reason="no pypdf: pip install pypdf")
    pages = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == len(lesson.cards)
    _same_words(pages, lesson)


def _same_words(pages: list[str], lesson: Any) -> None:
    """Page n holds all words of card n, question and answer, in their order; math is left out."""
    for shown, card in zip(pages, lesson.cards, strict=True):
        text = _bare(shown)
        at = 0
        for words in MATH.split(f"{card.question} $=$ {card.answer}"):
            # A letter of a formula may fall between two words, so each run of words is found by itself.
            at = text.find(_bare(words), at)
            assert at >= 0, f"{words!r} is not on its card's page: {shown!r}"


def _bare(text: str) -> str:
    """Without Markdown's marks, spaces, line breaks and ligatures, which PDF readers place differently."""
    return re.sub(r"[\s*_`­]+", "", unicodedata.normalize("NFKC", text))
