"""The reading site in Chromium: links, keyboard, no scripts, no network, WCAG 2.2 AA, one page a card."""

from __future__ import annotations

import functools
import http.server
import io
import itertools
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.publishing import site as sites
from tests.support.site_formulas import bad_formulas
from tests.support.site_links import dead_links

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright").expect
pytest.importorskip("sphinx", reason="no Sphinx: pip install -e '.[site]'")

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SHOWN = (
    "01-what-a-generative-model-is",
    "03-maximum-likelihood-and-the-kl-view",
    "05-latent-variables-and-the-elbo",
)
LESSON = f"lessons/{SHOWN[1]}.html"
CARDS = f"cards/{SHOWN[1]}.html"
PAGES = ("index.html", LESSON, CARDS)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
KILOBYTES = 600
PATIENCE = 5000
"""Milliseconds to the first paint on a busy machine; an idle one takes a tenth of it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of three lessons of the course; tests/publishing/test_site.py builds the whole course's."""
    root = tmp_path_factory.mktemp("site") / "course"
    shutil.copytree(ROOT / "lessons", root / "lessons")
    shutil.copytree(ROOT / "site", root / "site")
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("images"))
    for name in SHOWN:
        shutil.copytree(ROOT / "release" / name, root / "release" / name)
    glossary = root / "docs" / "glossary.md"
    if glossary.exists():  # words of lessons that are not shown here would link to nowhere
        parts = glossary.read_text(encoding="utf-8").split("\n\n")
        kept = [part for part in parts if "../release/" not in part or any(name in part for name in SHOWN)]
        glossary.write_text("\n\n".join(kept), encoding="utf-8")
    for name in SHOWN:
        _unlink_others(root / "release" / name / f"{name}.ipynb")
    sites.build(root, root / "build" / "site")
    return root / "build" / "site"


def _unlink_others(path: Path) -> None:
    """Links to lessons that are not shown become links to one that is."""
    text = path.read_text(encoding="utf-8")
    for other in sorted(p.name for p in (ROOT / "release").iterdir()):
        if other not in SHOWN:
            text = text.replace(f"](../{other}/{other}.ipynb", f"](../{SHOWN[0]}/{SHOWN[0]}.ipynb")
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def address(made: Path) -> Iterator[str]:
    """Where the site is served, on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(made)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """A page that notes what it asked for, and the errors it met."""
    window = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = window.new_page()
    opened.asked, opened.errors = [], []
    opened.on("response", lambda answer: opened.asked.append(answer))
    opened.on("console", lambda said: said.type == "error" and opened.errors.append(said.text))
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    elsewhere = [answer.url for answer in opened.asked if not answer.url.startswith((address, "data:"))]
    missing = [answer.url for answer in opened.asked if not answer.ok]
    assert (elsewhere, missing, opened.errors) == ([], [], [])
    window.close()


def test_every_link_within_the_site_leads_somewhere(made: Path) -> None:
    checked, dead = dead_links(made)
    assert all((made / name).exists() for name in PAGES)
    assert dead == [] and checked > 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES, ids=["front", "lesson", "cards"])
def test_axe_finds_nothing(browser: Any, address: str, name: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    window = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    opened = window.new_page()
    opened.goto(address + name)
    found = Axe().run(opened, options={"runOnly": {"type": "tag", "values": WCAG}})
    window.close()
    assert found.response["passes"], "axe looked at something"
    said = [
        f"{one['id']}: {one['help']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]
    assert said == []


def test_a_lesson_weighs_little(page: Any, address: str) -> None:
    page.goto(address + LESSON, wait_until="networkidle")
    weights = {answer.url: len(answer.body()) for answer in page.asked}
    picture = sum(size for url, size in weights.items() if url.endswith(".png"))
    assert picture > 0
    weight = sum(weights.values()) - picture
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"\na lesson: {weight / 1e6:.2f} MB without its picture, first paint after {painted / 1000:.2f} s")
    assert weight < KILOBYTES * 1000, weights
    assert painted < PATIENCE


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Any, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto(address + name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


FITS = """() => [...document.querySelectorAll(".formula")].map(box => {
  const made = box.querySelector("math"), style = getComputedStyle(made);
  const [right, column] = [box, box.parentElement].map(one => one.getBoundingClientRect().right);
  return [made.textContent.slice(0, 60), right, column,
    made.scrollWidth - box.clientWidth, parseFloat(style.fontSize), getComputedStyle(box).overflowX];
})"""
OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.mark.parametrize(("media", "width"), [("screen", 1280), ("screen", 390), ("print", 480)])
def test_a_wide_formula_stays_in_its_column(page: Any, address: str, media: str, width: int) -> None:
    """It shrinks a little and scrolls in its own box; on paper it shrinks until it fits."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(media=media)
    page.goto(address + LESSON)
    page.evaluate(OPEN)
    page.evaluate("document.fonts.ready")
    boxes = page.evaluate(FITS)
    assert len(boxes) >= 4
    for words, right, column, over, size, overflow in boxes:
        assert right <= column + 1, words
        assert size >= (8 if media == "print" else 14), words
        assert overflow == ("visible" if media == "print" else "auto"), words
        if media == "print" or width > 1000:
            assert over <= 1, words


def test_a_derivation_has_its_rows_one_below_the_other(page: Any, address: str) -> None:
    page.goto(address + LESSON)
    rows = page.locator(".formula mtable.m-aligned").first.locator("> mtr")
    places = [rows.nth(index).bounding_box() for index in range(rows.count())]
    assert len(places) == 5
    assert all(one["y"] + one["height"] <= after["y"] + 1 for one, after in itertools.pairwise(places))
    starts = rows.locator("mtd.m-left > :first-child").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    assert len(starts) == 5
    assert max(starts) - min(starts) < 1


def test_no_formula_of_the_pages_is_bad(made: Path) -> None:
    count, wrong = bad_formulas(made)
    assert wrong == [] and count > 1000


def test_math_is_there_without_a_script(browser: Any, address: str) -> None:
    window = browser.new_context(java_script_enabled=False)
    opened = window.new_page()
    opened.goto(address + LESSON)
    assert opened.locator("math").count() > 50
    assert "\\frac" not in opened.locator("article").inner_text()
    answer = opened.locator("details", has_text="Answer to question 1").first
    expect(answer.locator("math").first).to_be_hidden()
    answer.locator("summary").click()
    expect(answer.locator("math").first).to_be_visible()
    window.close()


def test_cards_open_without_a_script(browser: Any, address: str) -> None:
    window = browser.new_context(java_script_enabled=False)
    opened = window.new_page()
    opened.goto(address + CARDS)
    cards = opened.locator(".cards details")
    expect(cards).to_have_count(10)
    expect(cards.first.locator(".answer")).to_be_hidden()
    cards.first.locator("summary").click()
    expect(cards.first.locator(".answer")).to_be_visible()
    cards.nth(1).locator("summary").focus()
    opened.keyboard.press("Enter")
    expect(cards.nth(1).locator(".answer")).to_be_visible()
    window.close()


@pytest.mark.parametrize(("name", "count"), [(CARDS, 10), ("cards/all.html", 30)])
def test_printed_cards_are_one_a_page(page: Any, address: str, made: Path, name: str, count: int) -> None:
    from pypdf import PdfReader

    page.goto(address + name)
    paper = page.pdf(prefer_css_page_size=True)
    sheets = PdfReader(io.BytesIO(paper)).pages
    texts = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    assert len(texts) == count
    for number, text in enumerate(texts, 1):
        assert f"card {number} of {count}" in text
    lesson = json.loads((ROOT / "release" / SHOWN[1] / "lesson.json").read_text(encoding="utf-8"))
    wanted = [card["question"] for card in lesson["cards"] if "$" not in card["question"]]
    assert len(wanted) >= 4
    assert all(any(question in text for text in texts) for question in wanted)


def test_the_notation_is_one_sheet_of_paper(page: Any, address: str) -> None:
    from pypdf import PdfReader

    page.goto(address + "notation.html")
    rows = page.locator("#notation tbody tr").count()
    (sheet,) = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    text = sheet.extract_text()
    last = page.locator("#notation tbody tr").last.locator("td").nth(1).inner_text()
    assert rows > 60 and last.split(":")[-1].strip() in " ".join(text.split())


def test_the_keyboard_reaches_a_lesson_from_the_front_page(page: Any, address: str) -> None:
    page.goto(address)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "document.activeElement.innerText || document.activeElement.ariaLabel || ''"
        ).strip()
        seen.append(words)
        if words == "Begin with lesson 1":
            break
    assert seen[-1] == "Begin with lesson 1", seen
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{SHOWN[0]}.html")
    assert "generative model" in page.locator("h1").inner_text()


def test_search_finds_a_lesson(page: Any, address: str) -> None:
    page.goto(address)
    page.locator("input[name=q]").first.fill("cross-entropy")
    page.keyboard.press("Enter")
    expect(page.locator("#search-results li").first).to_be_visible()
    expect(page.locator("#search-results")).to_contain_text("Maximum likelihood and the KL view")


def test_a_download_holds_the_lesson(made: Path) -> None:
    import zipfile

    with zipfile.ZipFile(made / "downloads" / f"{SHOWN[1]}.zip") as archive:
        assert sorted(archive.namelist()) == [f"{SHOWN[1]}/{SHOWN[1]}.ipynb", f"{SHOWN[1]}/lesson.json"]


def test_pictures_for_the_readme(browser: Any, address: str, keep: Any) -> None:
    views = (
        ("front", "index.html", "light", 1280),
        ("dark", LESSON, "dark", 1280),
        ("phone", LESSON, "light", 390),
    )
    for name, path, scheme, width in views:
        window = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
        opened = window.new_page()
        opened.goto(address + path)
        assert opened.locator("h1").is_visible()
        keep(f"site-{name}", opened.screenshot())
        window.close()
