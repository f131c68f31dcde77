"""The in-browser edition in Chromium: a cold start, an answer, the deck, a reload, where numpy is asked."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lite_site
import pytest
from notebook_page import NotebookPage

from autograder.core.errors import ToolError

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright").expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CDN = "https://cdn.jsdelivr.net/pyodide/v314.0.6/full/"
NUMPY = f"{CDN}numpy-2.4.6-cp314-cp314-pyemscripten_2026_0_wasm32.whl"
PATIENCE = 120_000


@functools.cache
def stand_in() -> bytes:
    """What the tests serve where numpy's wheel lies: a version, and the one type that IPython asks for."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("numpy/__init__.py", '__version__ = "a stand-in"\nfloat64 = float\n')
        about = "numpy-2.4.6.dist-info"
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: numpy\nVersion: 2.4.6\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return memory.getvalue()


@dataclass
class Asked:
    """The addresses elsewhere that the pages asked for, and the parts of JupyterLab that did not start."""

    cdn: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def edition(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The in-browser edition of one lesson. Skipped where its parts are not here: nothing is fetched."""
    from autograder.publishing.jupyterlite import build, downloads

    if not downloads.is_complete(lite_site.CACHE):
        pytest.skip("Pyodide and its wheels are not here: run make lite")
    course = lite_site.lay_out(tmp_path_factory.mktemp("lite") / "course")
    made = course / "build" / "site" / "lite"
    try:
        build.build(course, made, cache=lite_site.CACHE)
    except ToolError as error:
        pytest.skip(str(error))
    return made


@pytest.fixture(scope="module")
def asked() -> Asked:
    """What was asked for so far."""
    return Asked()


@pytest.fixture(scope="module")
def page(browser: Any, asked: Asked) -> Iterator[Any]:
    """A page in a browser that has never been here; numpy's address is answered with the stand-in."""
    window = browser.new_context(viewport={"width": 1280, "height": 900})
    window.set_default_timeout(PATIENCE)

    def elsewhere(route: Any) -> None:
        address = route.request.url
        (asked.cdn if address.startswith(CDN) else asked.others).append(address)
        if address == NUMPY:
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/wasm"}
            route.fulfill(body=stand_in(), headers=headers)
        else:
            route.abort()

    window.route(lambda address: not address.startswith(("http://127.0.0.1", "data:", "blob:")), elsewhere)
    window.on("console", lambda said: "failed to activate" in said.text and asked.broken.append(said.text))
    yield window.new_page()
    window.close()


@pytest.fixture(scope="module")
def address(edition: Path) -> Iterator[str]:
    """Where the lesson is served."""
    with lite_site.served(edition) as found:
        yield lite_site.page_of(found)


@pytest.fixture(scope="module")
def started(page: Any, address: str) -> tuple[NotebookPage, float]:
    """The lesson after its first cell, and the seconds from the page's address to the cell's end."""
    began = time.monotonic()
    book = NotebookPage.open(page, address)
    book.run("03-given-1")
    return book, time.monotonic() - began


def test_from_a_cold_start_to_a_right_answer(started: tuple[NotebookPage, float], keep: Any) -> None:
    book, seconds = started
    shown = book.answer("kl-forward", "kl_forward = 0.0258")
    expect(shown).to_have_text("✓ kl-forward: right.")
    print(f"\ncold start to the first cell's end: {seconds:.1f} s")
    keep("lite", book.picture("03-kl-forward-prompt", "03-kl-forward-answer", "03-kl-forward-check"))


def test_a_mistake_is_named(started: tuple[NotebookPage, float]) -> None:
    shown = started[0].answer("kl-forward", "kl_forward = 0.0372")
    expect(shown).to_contain_text("base-2 logs")
    assert len(shown.inner_text().strip().splitlines()) == 1


def test_the_deck_and_progress_are_kept_over_a_reload(
    started: tuple[NotebookPage, float], address: str, keep: Any
) -> None:
    book = started[0]
    book.run("03-review")
    deck = book.cell("03-review").locator(".gm-deck")
    expect(deck.locator(".gm-place")).to_have_text("Card 1 of 10")
    deck.locator(".gm-card").focus()
    book.page.keyboard.press("Enter")
    expect(deck.locator(".gm-answer math").first).to_be_visible()
    keep("lite-window", book.view("03-kl-forward-prompt"))
    deck.locator(".gm-card").focus()  # taking a picture took the focus away
    book.page.keyboard.press("3")
    expect(deck.locator(".gm-place")).to_have_text("Card 2 of 10")
    expect(deck.locator(".gm-said")).to_contain_text("The last card comes back in")
    again = NotebookPage.open(book.page, address)
    again.run("03-given-1")
    again.run("03-review")
    expect(again.cell("03-review").locator(".gm-place")).to_have_text("Card 1 of 9")
    again.run("03-progress")
    row = again.output("03-progress").locator("tr").filter(has_text="kl-forward").first
    expect(row).to_contain_text("done")
    expect(again.cell("03-progress")).to_contain_text("my-progress.jsonl, which this browser keeps")


def test_names_are_completed(started: tuple[NotebookPage, float]) -> None:
    """The kernel wants jedi for that, which is left out; IPython looks at what is there instead."""
    book = started[0]
    book.write("03-kl-forward-answer", "progress.__qualn")
    editor = book.page.locator('[data-cell="03-kl-forward-answer"] .cm-content')
    editor.click()
    book.page.keyboard.press("End")
    book.page.keyboard.press("Tab")
    expect(book.page.locator(".jp-Completer-item")).to_contain_text("__qualname__", timeout=PATIENCE)
    book.page.keyboard.press("Enter")
    expect(editor).to_contain_text("progress.__qualname__")
    book.page.keyboard.press("Escape")


def test_numpy_is_asked_of_the_cdn_and_held_against_npms_hash(
    started: tuple[NotebookPage, float], address: str, edition: Path, asked: Asked
) -> None:
    """The stand-in is refused by the hash of the real one, and loaded where the lock has its own."""
    book = started[0]
    book.run("03-numpy")
    expect(book.output("03-numpy").last).to_contain_text("No module named 'numpy'")
    assert NUMPY in asked.cdn
    path = edition / "static" / "pyodide" / "pyodide-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["packages"]["numpy"]["sha256"] = hashlib.sha256(stand_in()).hexdigest()
    path.write_text(json.dumps(lock), encoding="utf-8")
    book.page.evaluate("caches.delete('precache')")  # as the page does itself for another build
    again = NotebookPage.open(book.page, address)
    again.run("03-numpy")
    expect(again.output("03-numpy").last).to_contain_text("a stand-in")


def test_a_restarted_kernel_runs_all_cells(page: Any, address: str) -> None:
    """It starts without what was begun early; and a blank answer does not stop the cells below it."""
    book = NotebookPage.open(page, address)
    book.write("03-kl-forward-answer", "kl_forward = ...")
    page.locator(".lm-MenuBar-item").get_by_text("Kernel", exact=True).click()
    page.locator(".lm-Menu-item").get_by_text("Restart Kernel and Run All Cells").click()
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    expect(book.output("03-numpy").last).to_contain_text("a stand-in", timeout=PATIENCE)
    expect(book.output("03-kl-forward-check")).to_contain_text("not attempted")
    expect(book.cell("03-review").locator(".gm-place")).to_contain_text("Card 1 of")


def test_on_a_phone_the_lesson_has_the_screen(browser: Any, address: str, keep: Any) -> None:
    window = browser.new_context(viewport={"width": 390, "height": 844})
    window.set_default_timeout(PATIENCE)
    book = NotebookPage.open(window.new_page(), address)
    expect(book.page.locator("#jp-left-stack")).to_be_hidden(timeout=PATIENCE)
    assert book.cell("03-kl-forward-prompt").bounding_box()["width"] > 280
    keep("lite-phone", book.page.screenshot())
    window.close()


def test_nobody_else_was_asked_and_all_parts_started(
    started: tuple[NotebookPage, float], asked: Asked
) -> None:
    assert (asked.others, asked.broken) == ([], [])
