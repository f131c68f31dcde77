"""nbgrader's formgrader opens on what the engine graded."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from autograder.authoring import sample_class
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.sandbox.limits import Limits

NAME = "01-coins"
pytestmark = pytest.mark.slow


@pytest.fixture
def server(built_once, tmp_path):
    """A Jupyter server with the formgrader on a class that the engine graded; gives a way to ask it."""
    room = tmp_path / "class"
    sample_class.write(courses.read(built_once), NAME, room)
    grade_course(room, "01", ("all-right", "mistakes-01", "late"), Settings(Limits(), 2))
    places = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    log = tmp_path / "log"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
            *("--IdentityProvider.token=t", f"--ServerApp.root_dir={room}"),
        ],
        cwd=room,
        env={**os.environ, **places, "PATH": path},
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"http://(?:127\.0\.0\.1|localhost):(\d+)/", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)

        def ask(path):
            while True:
                try:
                    with urllib.request.urlopen(
                        f"http://127.0.0.1:{found[1]}/formgrader/{path}?token=t"
                    ) as page:
                        return page.read().decode()
                except urllib.error.URLError:
                    assert time.monotonic() < deadline, path
                    time.sleep(0.2)

        yield ask
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def test_the_formgrader_shows_the_class(server):
    assert "formgrader" in server("gradebook").lower()
    rows = {row["student"]: row for row in json.loads(server(f"api/submissions/{NAME}")) if row["autograded"]}
    assert {student: row["score"] for student, row in rows.items()} == {
        "all-right": 7,
        "mistakes-01": 0,
        "late": 7,
    }
    notebooks = json.loads(server(f"api/submitted_notebooks/{NAME}/{NAME}"))
    page = server(f"submissions/{notebooks[0]['id']}/")
    assert "coin_entropy" in page
