"""A class on a JupyterHub: release, fetch, work, submit, collect, grade, feedback; and who may not see what.

As root everybody is a real Unix account; as an ordinary user all are one, and only the round is tried.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring import sample_class
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from tests.support import hub_class
from tests.support.hub_class import COURSE, LESSON, HubClass, Person

pytestmark = pytest.mark.slow
REAL = os.geteuid() == 0
NOTEBOOK = f"{COURSE}/{LESSON}/{LESSON}.ipynb"
WORKED_AS = {"learner1": "all-right", "learner2": "mistakes-01", "learner3": "first-half"}


@dataclass(frozen=True)
class Round:
    """A class after the whole round."""

    hub: HubClass
    instructor: Person
    desk: Person
    """The instructor at the shared formgrader."""
    learners: dict[str, Person]
    said: dict[str, str]
    """What the check of the first exercise told each learner."""
    collected: str


@pytest.fixture(scope="module")
def hub(built_once: Path) -> Iterator[HubClass]:
    python = hub_class.shared_python() if REAL else sys.executable
    with hub_class.running(built_once, python) as running:
        yield running


@pytest.fixture(scope="module")
def played(hub: HubClass, built_once: Path) -> Round:
    """The round, played once."""
    instructor = hub.log_in("instructor")
    desk = instructor.at(f"{hub.address}services/{COURSE}/")
    for step in ("assign", "release"):
        desk.must("POST", f"formgrader/api/assignment/{LESSON}/{step}")
    text = lesson.read(courses.read(built_once).path(LESSON))
    answers = {sample.student: sample.answers for sample in sample_class.samples(evaluate.evaluate(text))}
    learners, said = {}, {}
    for role, kind in WORKED_AS.items():
        learners[role] = hub.log_in(role)
        said[role] = work(learners[role], answers[kind])
        exchange(learners[role], "submit")
    if REAL:
        names = {"own": hub.name("learner1"), "other": hub.name("learner2")}
        with learners["learner1"].kernel(NOTEBOOK) as kernel:
            assert kernel.run(FORGED.format(exchange=hub.folder / "exchange", **names)) == "done\n"
    collected = desk.must("POST", f"formgrader/api/assignment/{LESSON}/collect")["log"]
    desk.terminal("autograder grade 01 --workers 1")
    desk.terminal(f"autograder feedback 01 && nbgrader release_feedback {LESSON}")
    for learner in learners.values():
        exchange(learner, "fetch_feedback")
    return Round(hub, instructor, desk, learners, said, collected)


def exchange(learner: Person, what: str) -> list[dict[str, Any]]:
    """One of the buttons of the Assignment List."""
    return learner.must("POST", f"assignments/{what}", data={"course_id": COURSE, "assignment_id": LESSON})[
        "value"
    ]


def work(learner: Person, answers: sample_class.Answers) -> str:
    """Fetch the lesson, fill the answers in, run the first exercise; returns what its check says."""
    listed = learner.must("GET", f"assignments?course_id={COURSE}")["value"]
    assert [(one["assignment_id"], one["status"]) for one in listed] == [(LESSON, "released")]
    exchange(learner, "fetch")
    notebook = nbformat.from_dict(learner.must("GET", f"api/contents/{NOTEBOOK}")["content"])
    filled = sample_class.filled_in(notebook, answers)
    body = {"type": "notebook", "format": "json", "content": filled}
    learner.must("PUT", f"api/contents/{NOTEBOOK}", json=body)
    first = next(i for i, cell in enumerate(filled.cells) if cell.id.endswith("coin-entropy-check"))
    wanted = [c.source for c in filled.cells[:first] if c.cell_type == "code" and "figure" not in c.id]
    with learner.kernel(NOTEBOOK) as kernel:
        kernel.run("\n".join(wanted))
        return kernel.run(filled.cells[first].source)


# A later submission in another's name; and a later one of one's own, with links to what the grader owns.
FORGED = """
import pathlib, shutil
inbound = pathlib.Path("{exchange}/generative-models/inbound")
forged = inbound / "{other}+01-coins+2099-01-01 00:00:00.000000 UTC+x"
forged.mkdir()
(forged / "01-coins.ipynb").write_text("{{}}")
cache, = pathlib.Path.home().glob(".local/share/jupyter/nbgrader_cache/generative-models/*")
own = inbound / "{own}+01-coins+2098-01-01 00:00:00.000000 UTC+y"
shutil.copytree(cache, own)
for name in ("gradebook.db", "source"):
    (own / f"link-{{name}}").symlink_to("{exchange}/../courses/generative-models/" + name)
print("done")
"""


def test_the_check_names_the_wrong_idea_on_the_hub(played: Round) -> None:
    assert "✓" in played.said["learner1"]
    assert "You used log base 2, so this is the entropy in bits" in played.said["learner2"]


def test_marks_are_as_expected(played: Round) -> None:
    rows = played.desk.must("GET", f"formgrader/api/submissions/{LESSON}")
    marks = {row["student"]: row["score"] for row in rows if row["autograded"]}
    assert marks == {played.learners[role].name: points for role, points in MARKS.items()}


MARKS = {"learner1": 7, "learner2": 0, "learner3": 3}


def test_each_learner_fetches_their_own_feedback(played: Round) -> None:
    for role, learner in played.learners.items():
        listed = learner.must("GET", f"assignments?course_id={COURSE}")["value"]
        (submission,) = [one for entry in listed for one in entry.get("submissions", [])]
        assert submission["has_local_feedback"] and not submission["feedback_updated"]
        folder = submission["local_feedback_path"]
        page = learner.ask("GET", f"files/{folder}/{LESSON}.html").text
        assert f"{MARKS[role]} of 7" in page
        assert ("You used log base 2" in page) == (role == "learner2")


def test_the_formgrader_belongs_to_the_instructor(played: Round) -> None:
    listed = played.instructor.must("GET", "formgraders")["value"]
    assert [one["course_id"] for one in listed] == [COURSE]
    for page in (
        "formgrader/manage_assignments",
        "formgrader/api/status",
        f"formgrader/gradebook/{LESSON}",
        "api/contents",
        "lab",
    ):
        assert played.desk.ask("GET", page).status_code == 200, page
        for learner in played.learners.values():
            assert learner.at(played.desk.home).ask("GET", page).status_code == 403, page
    own = played.learners["learner1"].ask("GET", "formgrader/api/status")
    assert own.status_code == 404  # nobody's own server has one


def test_only_the_formgraders_pages_may_be_framed(played: Round) -> None:
    def policy(person: Person, page: str) -> str:
        return person.ask("GET", page).headers["Content-Security-Policy"]

    page = policy(played.desk, "formgrader/manage_assignments")
    assert "frame-ancestors 'self'" in page and "script-src 'self'" in page
    for person, path in (
        (played.learners["learner1"], "lab"),
        (played.instructor, "lab"),
        (played.desk, "lab"),
    ):
        assert "frame-ancestors 'none'" in policy(person, path), person.name


def test_a_learner_reaches_no_other_server_and_no_list(played: Round) -> None:
    eve, other = played.learners["learner1"], played.learners["learner2"]
    assert eve.at(other.home).ask("GET", "api/contents").status_code == 403
    assert other.ask("GET", "api/contents").status_code == 200
    for path in ("users", f"users/{other.name}", "groups", "proxy"):
        assert eve.ask("GET", f"{played.hub.address}hub/api/{path}").status_code in (403, 404), path


@pytest.mark.skipif(not REAL, reason="without root all are one Unix account")
def test_a_learner_reads_no_file_of_others(played: Round) -> None:
    """From a cell of the learner's own notebook, on the machine itself."""
    folder, eve = played.hub.folder, played.learners["learner1"]
    closed = [
        folder / "home" / played.learners["learner2"].name,
        folder / "home" / played.instructor.name,
        folder / "courses" / COURSE,
        folder / "courses" / COURSE / "gradebook.db",
        folder / "courses" / COURSE / "source" / LESSON / f"{LESSON}.ipynb",
        folder / "exchange" / COURSE / "inbound",
        folder / "exchange" / COURSE / "feedback",
        folder / "state" / "jupyterhub.sqlite",
    ]
    with eve.kernel(NOTEBOOK) as kernel:
        assert eve.name in kernel.run("import getpass; print(getpass.getuser())")
        for path in closed:
            assert path.exists(), path
            look = "import os; os.listdir" if path.is_dir() else "open"
            assert "PermissionError" in kernel.run(f"{look}({str(path)!r})"), path
        # The same cell on one's own files, so that the refusals above are not about the cell.
        assert "lesson.json" in kernel.run(
            f"print(os.listdir({str(folder / 'home' / eve.name / COURSE / LESSON)!r}))"
        )
        assert "PermissionError" in kernel.run(f"os.kill({played.hub.process.pid}, 9)")
        assert "PermissionError" in kernel.run(f"open('/proc/{played.hub.process.pid}/environ').read()")


@pytest.mark.skipif(not REAL, reason="without root all are one Unix account")
def test_what_a_learner_smuggles_into_the_exchange_is_not_collected(played: Round) -> None:
    """Not the submission in another's name, though it is the newest; and no link."""
    forged = next(line for line in played.collected.splitlines() if "2099" in line)
    assert "not collected" in forged and played.hub.name("learner1") in forged
    submitted = played.hub.folder / "courses" / COURSE / "submitted"
    assert json.loads((submitted / played.hub.name("learner2") / LESSON / f"{LESSON}.ipynb").read_text())[
        "cells"
    ]
    own = {path.name for path in (submitted / played.hub.name("learner1") / LESSON).iterdir()}
    assert own == {f"{LESSON}.ipynb", lesson_json.FILE, "timestamp.txt", "submission_secret.txt"}


@pytest.mark.browser
def test_the_formgrader_in_chromium(played: Round, browser: Any, keep: Any) -> None:
    """The instructor logs in; the panel in JupyterLab is not blank; the class's marks are there."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(60_000)
    log_in(page, played.hub, "instructor")
    page.goto(f"{played.hub.address}services/{COURSE}/lab?formgrader=true")
    panel = page.frame_locator("iframe")
    panel.get_by_role("link", name=LESSON).first.wait_for()
    assert panel.get_by_text("released").count()
    page.screenshot()
    page.goto(f"{played.hub.address}services/{COURSE}/formgrader/manage_submissions/{LESSON}")
    for role, points in MARKS.items():
        row = page.get_by_role("row").filter(has_text=played.hub.name(role))
        row.get_by_text(f"{points} / 7").wait_for()
    keep("formgrader", page.screenshot())


@pytest.mark.browser
def test_a_learner_is_shown_the_door_in_chromium(played: Round, browser: Any) -> None:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    log_in(page, played.hub, "learner1")
    answer = page.goto(f"{played.hub.address}services/{COURSE}/formgrader/")
    assert answer.status == 403


def log_in(page: Any, hub: HubClass, role: str) -> None:
    page.goto(f"{hub.address}hub/login")
    page.fill("input[name=username]", hub.name(role))
    page.fill("input[name=password]", hub.password)
    page.click("input[type=submit]")
    page.wait_for_url(lambda url: "/hub/login" not in url)


@pytest.mark.skipif(not REAL, reason="the other tests ran as an ordinary user")
def test_a_class_without_root(built_once: Path) -> None:
    """Everybody is one account: the round's beginning works under different names, and all of it ends."""
    with hub_class.running(built_once, hub_class.shared_python(), user="nobody") as hub:
        desk = hub.log_in("instructor", start=False).at(f"{hub.address}services/{COURSE}/")
        for step in ("assign", "release"):
            desk.must("POST", f"formgrader/api/assignment/{LESSON}/{step}")
        for role in ("learner1", "learner2"):
            learner = hub.log_in(role)
            exchange(learner, "fetch")
            exchange(learner, "submit")
        desk.must("POST", f"formgrader/api/assignment/{LESSON}/collect")
        submitted = hub.folder / "courses" / COURSE / "submitted"
        assert {path.name for path in submitted.iterdir()} == {hub.name("learner1"), hub.name("learner2")}
