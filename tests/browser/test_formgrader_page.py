"""nbgrader's formgrader, stock, in Chromium, on submissions that attack whoever looks at them."""

from __future__ import annotations

import json
import re
import urllib.error
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
DEPLOY = Path(__file__).parents[2] / "deploy" / "jupyterhub"
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"
"""What nbgrader's own page asks for, of every notebook."""


TELLS = "window.pwned = { push: name => console.log(`PWNED ${name}`) };"


@dataclass
class Visit:
    """An open page, and which attacks worked: they ran, or asked for an address elsewhere."""

    page: Any
    worked: set[str]
    refused: list[str]
    """What the page's own policy refused, in the browser's words."""


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


@pytest.fixture(scope="module")
def guarded(served: FormgraderServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FormgraderServer]:
    """Another server on the same class, with the settings that deploy/ gives a formgrader's."""
    more = {"JUPYTER_CONFIG_PATH": str(DEPLOY / "formgrader"), "PYTHONPATH": str(DEPLOY.parents[1])}
    with serving(served.course, tmp_path_factory.mktemp("guarded"), more) as server:
        yield server


def visit(browser: Any, server: FormgraderServer, student: str, answer: Any = None) -> Visit:
    """Log in, look at JupyterLab once, which sets the cookies, and open a submission in the formgrader.

    `answer` may take the place of the server for the submission's page.
    """
    window = browser.new_context(viewport={"width": 1200, "height": 1000})
    window.set_default_timeout(60_000)
    window.add_init_script(TELLS)
    found = Visit(window.new_page(), set(), [])

    def refuse(route: Any) -> None:
        if not route.request.url.startswith(MATHJAX):
            found.worked.add(route.request.url.rsplit("/", 1)[1])
        route.abort()

    def listen(said: Any) -> None:
        if said.text.startswith("PWNED "):
            found.worked.add(said.text.removeprefix("PWNED "))
        if "Content Security Policy" in said.text:
            found.refused.append(said.text)

    window.route(lambda url: not url.startswith((server.address, "data:")), refuse)
    if answer:
        window.route(re.compile(r"/formgrader/submissions/[0-9a-f]+/$"), answer)
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
    assert not found.refused
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


@pytest.mark.parametrize("server", ["served", "guarded"])
def test_the_page_still_takes_marks_and_comments(
    browser: Any, server: str, request: pytest.FixtureRequest
) -> None:
    found = visit(browser, request.getfixturevalue(server), "eve")
    page = found.page
    mark, words = ("2", "Well said.") if server == "served" else ("1", "Look again.")
    with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
        page.fill("#essay", mark)
        page.keyboard.press("Tab")
    with page.expect_response(
        lambda answer: "/api/comment/" in answer.url and answer.request.method == "PUT"
    ):
        page.fill("#essay-comment", words)
        page.keyboard.press("Tab")
    page.reload()
    page.wait_for_function("mark => document.querySelector('#essay').value === mark", arg=mark)
    page.wait_for_function("words => document.querySelector('#essay-comment').value === words", arg=words)
    page.click("span.glyphicon.name-hidden")  # an onclick of nbgrader's own
    page.locator(".name-shown", has_text="eve").first.wait_for()
    assert not found.refused
    page.context.close()


def test_without_the_cleaning_the_attacks_work(browser: Any, served: FormgraderServer) -> None:
    """So that the test above means something: nbgrader's page, as it is, runs them."""
    before = terminals(served)
    found = visit(browser, served, "raw")
    found.page.context.close()
    assert len(found.worked) >= 30, sorted(found.worked)
    assert len(terminals(served)) > len(before)


def test_where_we_serve_it_no_notebook_runs_whoever_graded_it(
    browser: Any, guarded: FormgraderServer
) -> None:
    before = terminals(guarded)
    found = visit(browser, guarded, "raw")
    assert found.worked == set() and not found.refused
    for path in ("evil.html", "evil.svg"):  # what was handed in beside the notebook
        answer = found.page.goto(f"{found.page.url.split('?')[0]}{path}")
        assert answer.status == 200
        found.page.wait_for_timeout(300)
        found.page.go_back()
    assert found.worked == set() and terminals(guarded) == before
    found.page.context.close()


def test_the_policy_alone_stops_them(
    browser: Any, served: FormgraderServer, guarded: FormgraderServer
) -> None:
    """The page of nbgrader's own, as in the control below, but with our header."""
    before = terminals(served)

    def with_policy(route: Any) -> None:
        page = route.fetch()
        theirs = guarded.open(route.request.url.removeprefix(served.address))
        header = theirs.headers["Content-Security-Policy"]
        route.fulfill(response=page, headers={**page.headers, "content-security-policy": header})

    found = visit(browser, served, "raw", with_policy)
    assert found.worked == set()
    assert len(found.refused) >= 20
    assert terminals(served) == before
    found.page.context.close()


@pytest.mark.parametrize(
    "path",
    [
        *("manage_assignments", "gradebook", "manage_students", f"gradebook/{page_attacks.NAME}"),
        *(f"gradebook/{page_attacks.NAME}/{page_attacks.NAME}", f"manage_submissions/{page_attacks.NAME}"),
        *("manage_students/eve", f"manage_students/eve/{page_attacks.NAME}"),
    ],
)
def test_every_page_of_the_formgrader_works_under_the_policy(
    browser: Any, guarded: FormgraderServer, path: str
) -> None:
    found = visit(browser, guarded, "eve")
    answer = found.page.goto(f"{guarded.address}formgrader/{path}", wait_until="networkidle")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert not found.refused and not found.worked
    found.page.locator("table td", has_text=re.compile("attacked|eve")).first.wait_for()
    found.page.context.close()


def test_an_address_cannot_write_a_script_into_a_page(guarded: FormgraderServer) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        guarded.ask("manage_submissions/%22%3Balert(1)%3B%22")


def test_only_the_formgrader_may_be_framed_in_the_panel(browser: Any, guarded: FormgraderServer) -> None:
    found = visit(browser, guarded, "eve")
    found.page.goto(f"{guarded.address}lab?formgrader=true")
    panel = found.page.frame_locator("iframe")
    panel.get_by_role("link", name=page_attacks.NAME).first.wait_for()
    found.page.context.close()


def test_the_submission_itself_is_not_touched(served: FormgraderServer, tmp_path: Path) -> None:
    page_attacks.hand_in(tmp_path, "eve")
    own = tmp_path / "submitted" / "eve" / page_attacks.NAME
    for path in own.iterdir():
        asked = f"files/submitted/eve/{page_attacks.NAME}/{path.name}"
        assert served.get(asked) == path.read_text()
