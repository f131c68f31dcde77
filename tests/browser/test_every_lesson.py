"""Every lesson opens in JupyterLab, runs from top to bottom while it is blank, and its figure moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from notebook_page import NOTEBOOK, NotebookPage

from autograder.course import lesson_json
from tests.support.every_lesson import each_lesson

expect = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright").expect

pytestmark = pytest.mark.browser

DRAWN = """async image => {
    for (let tries = 0; tries < 30; tries += 1) {
        try {
            await image.decode();
            return image.naturalWidth > 300;
        } catch {  // the next picture came while this one was being decoded
            await new Promise(done => setTimeout(done, 100));
        }
    }
    return false;
}"""
THIRD = "03-maximum-likelihood-and-the-kl-view"
"""The lesson that the address of the fixture `server` names."""


@pytest.fixture
def page(name: str, context: Any, server: str) -> Iterator[NotebookPage]:
    """Its notebook after Run All Cells; its kernel ends with the test, so that sixteen do not add up."""
    # A workspace of its own: JupyterLab would open the notebooks of the lessons before it as well.
    address = server.replace(THIRD, name).replace("/lab/tree/", f"/lab/workspaces/{name[:2]}/tree/")
    opened = NotebookPage.open(context.new_page(), address)
    opened.run_all()
    yield opened
    kernel = opened.page.evaluate(f"{NOTEBOOK}.sessionContext.session.kernel.id")
    opened.page.close()
    base, _, rest = server.partition("lab/tree/")
    token = rest.partition("token=")[2]
    urlopen(
        Request(f"{base}api/kernels/{kernel}", method="DELETE", headers={"Authorization": f"token {token}"}),
        timeout=10,
    ).close()


@each_lesson
def test_runs_blank_and_its_figure_moves(
    name: str, page: NotebookPage, course: Path, watch: Any, keep: Callable[[str, bytes], None]
) -> None:
    number = name[:2]
    lesson = lesson_json.read(course / "release" / name / lesson_json.FILE)
    expect(page.page.locator(".jp-Dialog")).to_have_count(0)
    for exercise in lesson.exercises:
        expect(page.output(f"{number}-{exercise}-check")).to_contain_text(f"{exercise}: not attempted")
    # Every "not attempted" is one line on stderr; anything more is a cell that failed or warned.
    assert page.page.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == len(lesson.exercises)
    assert page.page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0

    for figure in page.ids(f"{number}-figure-"):
        cell = page.cell(figure)
        picture = cell.locator("img")
        expect(picture).to_have_count(1)
        before = picture.get_attribute("alt")
        assert before and len(before) > 40
        handles = cell.locator(".widget-slider .noUi-handle")
        for index in range(handles.count()):
            handles.nth(index).focus()
            for _ in range(3):
                page.page.keyboard.press("ArrowRight" if index % 2 == 0 else "ArrowLeft")
        for buttons in cell.locator(".widget-toggle-buttons").all():
            buttons.get_by_role("button").last.click()
        expect(picture).not_to_have_attribute("alt", before)
        page.settle()
        assert picture.evaluate(DRAWN)
        assert page.page.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
        keep(f"{figure}", page.picture(figure))
    assert watch.left_the_machine == []
    assert watch.errors == []
