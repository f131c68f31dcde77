"""nbgrader's formgrader, stock, in Chromium, on submissions that attack whoever looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook import ledger
from autograder.grading.sandbox.limits import Limits
from tests.support import page_attacks
from tests.support.formgrader_server import TOKEN, FormgraderServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"
"""What nbgrader's own page asks for, of every notebook."""


TELLS = "window.pwned = { push: name => console.log(`PWNED ${name}`) };"


@dataclass
class Visit:
    """An open page, and which attacks worked: they ran, or asked for an address elsewhere."""

    page: Any
    worked: set[str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormgraderServer]:
    """A server on two who handed in the same: `raw` is written as nbgrader would, `eve` as we do."""
    root = tmp_path_factory.mktemp("attacked") / "course"
    page_attacks.write_course(root)
    page_attacks.hand_in(root, "eve")
    page_attacks.hand_in(root, "raw", without=("base", "refresh"))  # they would take the page from the others
    settings = Settings(Limits(cell_seconds=30), 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "inert_notebook", lambda data, assignment: data)
        patch.setattr(ledger.autograded_files, "without_pages", dict)
        grade_course(root, page_attacks.NAME, ("raw",), settings)
    grade_course(root, page_attacks.NAME, ("eve",), settings)
    with serving(root, tmp_path_factory.mktemp("home")) as server:
        yield server


def visit(browser: Any, server: FormgraderServer, student: str) -> Visit:
    """Log in, look at JupyterLab once, which sets the cookies, and open a submission in the formgrader."""
    window = browser.new_context(viewport={"width": 1200, "height": 1000})
    window.set_default_timeout(60_000)
    window.add_init_script(TELLS)
    found = Visit(window.new_page(), set())

    def refuse(route: Any) -> None:
        if not route.request.url.startswith(MATHJAX):
            found.worked.add(route.request.url.rsplit("/", 1)[1])
        route.abort()

    def listen(said: Any) -> None:
        if said.text.startswith("PWNED "):
            found.worked.add(said.text.removeprefix("PWNED "))

    window.route(lambda url: not url.startswith((server.address, "data:")), refuse)
    window.on("console", listen)
    window.on("dialog", lambda dialog: (found.worked.add("dialog"), dialog.dismiss()))
    found.page.goto(f"{server.address}lab?token={TOKEN}")
    name = page_attacks.NAME
    for row in json.loads(server.ask(f"api/submitted_notebooks/{name}/{name}")):
        if row["student"] == student:
            found.page.goto(f"{server.address}formgrader/submissions/{row['id']}/", wait_until="load")
    found.page.wait_for_timeout(3000)
    return found


def terminals(server: FormgraderServer) -> list[object]:
    return list(json.loads(server.get("api/terminals")))


def test_nothing_of_a_submission_runs_or_leaves_in_the_formgrader(
    browser: Any, served: FormgraderServer, keep: Any
) -> None:
    before = terminals(served)
    found = visit(browser, served, "eve")
    assert found.worked == set()
    assert terminals(served) == before
    page = found.page
    links = page.evaluate("() => [...document.querySelectorAll('#notebook a')].map(a => a.protocol + a.href)")
    assert not [link for link in links if link.startswith(("javascript", "data", "vbscript"))]
    assert not [link for link in links if link.endswith((".html", ".svg")) or "manage_submissions" in link]
    # What is honest can be read.
    assert page.locator("table.dataframe td", has_text="4.25").count() == 1
    assert page.locator(".output_png img").first.evaluate("img => img.naturalWidth") == 1
    assert page.locator("strong", has_text="in bold").count() == 1
    assert page.locator(".output_latex", has_text="frac{1}{2}").count() == 1
    keep("formgrader-attacked", page.screenshot(full_page=True))
    page.context.close()


def test_the_page_still_takes_marks_and_comments(browser: Any, served: FormgraderServer) -> None:
    page = visit(browser, served, "eve").page
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        page.fill("#essay", "2")
        page.keyboard.press("Tab")
    with page.expect_response(
        lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"
    ):
        page.fill("#essay-comment", "Well said.")
        page.keyboard.press("Tab")
    page.reload()
    page.wait_for_function("() => document.querySelector('#essay').value === '2'")
    page.wait_for_function("() => document.querySelector('#essay-comment').value === 'Well said.'")
    page.context.close()


def test_without_the_cleaning_the_attacks_work(browser: Any, served: FormgraderServer) -> None:
    """So that the test above means something: nbgrader's page, as it is, runs them."""
    before = terminals(served)
    found = visit(browser, served, "raw")
    found.page.context.close()
    assert len(found.worked) >= 30, sorted(found.worked)
    assert len(terminals(served)) > len(before)


def test_the_submission_itself_is_not_touched(served: FormgraderServer, tmp_path: Path) -> None:
    page_attacks.hand_in(tmp_path, "eve")
    own = tmp_path / "submitted" / "eve" / page_attacks.NAME
    for path in own.iterdir():
        asked = f"files/submitted/eve/{page_attacks.NAME}/{path.name}"
        assert served.get(asked) == path.read_text()
