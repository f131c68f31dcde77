"""A learner's machine for the browser tests: a course, JupyterLab as `autograder lab` starts it, Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from notebook_page import NotebookPage

from autograder.core.model import Lesson
from autograder.course import lesson_json
from tests.conftest import PICTURES

ROOT = Path(__file__).parents[2]
LESSON = "03-maximum-likelihood-and-the-kl-view"
ELSEWHERE = re.compile(r"^(https?|wss?)://(?!(127\.0\.0\.1|localhost)[:/])")


@dataclass
class Watch:
    """What a browser context did that no lesson should make it do."""

    left_the_machine: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course with its release, built where this checkout has none.

    Each test module has its own, with its own server: what one learner answered is in no other's log.
    """
    root = tmp_path_factory.mktemp("learner") / "course"
    shutil.copytree(ROOT / "lessons", root / "lessons")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    if (ROOT / "release" / LESSON).is_dir():
        shutil.copytree(ROOT / "release", root / "release")
    else:
        from autograder.authoring.building import build
        from autograder.course import course_toml as courses

        build.build(courses.read(root), [LESSON])
    return root


@pytest.fixture(scope="module")
def lesson(course: Path) -> Lesson:
    """The lesson as released."""
    return lesson_json.read(course / "release" / LESSON / lesson_json.FILE)


@pytest.fixture(scope="session")
def watch() -> Watch:
    """What the browser did so far."""
    return Watch()


@pytest.fixture(scope="session")
def context(browser: Any, watch: Watch) -> Iterator[Any]:
    """A browser window's context that reaches this machine only, and keeps what went wrong in `watch`."""
    window = browser.new_context(
        viewport={"width": 1280, "height": 900}, device_scale_factor=1.5 if PICTURES else 1
    )
    window.set_default_timeout(45_000)

    def refuse(route: Any) -> None:
        watch.left_the_machine.append(route.request.url)
        route.abort()

    window.route(ELSEWHERE, refuse)
    window.on("console", lambda said: said.type == "error" and watch.errors.append(said.text))
    window.on("weberror", lambda thrown: watch.errors.append(str(thrown.error)))
    yield window
    window.close()


@pytest.fixture(scope="module")
def server(browser: Any, course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the lesson in a JupyterLab that `autograder lab` runs, with settings of its own."""
    home = tmp_path_factory.mktemp("home")
    folders = {
        **{f"JUPYTER_{kind}_DIR": home / kind.lower() for kind in ("CONFIG", "DATA", "RUNTIME")},
        **{f"JUPYTERLAB_{kind}_DIR": home / kind.lower() for kind in ("SETTINGS", "WORKSPACES")},
        **{"HOME": home, "IPYTHONDIR": home / "ipython", "MPLCONFIGDIR": home / "matplotlib"},
    }
    # The only setting that a learner does not have: the tests ask JupyterLab itself which cell is which.
    folders["JUPYTER_CONFIG_DIR"].mkdir()
    (folders["JUPYTER_CONFIG_DIR"] / "jupyter_lab_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}}), encoding="utf-8"
    )
    command = [sys.executable, "-m", "autograder", "lab", "03", "--no-browser", "--course", str(course)]
    environment = {**os.environ, **{name: str(path) for name, path in folders.items()}}
    log = home / "jupyterlab.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        running = _running(process, folders["JUPYTER_RUNTIME_DIR"], log)
        yield f"{running['url']}lab/tree/{LESSON}/{LESSON}.ipynb?token={running['token']}"
    finally:
        _end(process, folders["JUPYTER_RUNTIME_DIR"])


def _running(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> dict[str, Any]:
    """What the server wrote about itself, once it answers."""
    for _ in range(900):
        for path in runtime.glob("jpserver-*.json"):
            try:
                about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                urlopen(f"{about['url']}api/status?token={about['token']}", timeout=5).close()
                return about
            except (OSError, ValueError):
                continue  # written by half, or not listening yet
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not answer within 90 s: {log.read_text(encoding='utf-8')}")


def _end(process: subprocess.Popen[bytes], runtime: Path) -> None:
    """Stop the server with its whole group, and any kernel that it leaves behind."""
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)
    deadline = time.monotonic() + 10
    while (left := _named_in_command(str(runtime))) and time.monotonic() < deadline:
        time.sleep(0.1)
    with suppress(ProcessLookupError):  # the group is gone, as it should be
        os.killpg(process.pid, signal.SIGKILL)
    for kernel in left:
        os.kill(kernel, signal.SIGKILL)
    assert not left, f"kernels outlived their server: {left}"


def _named_in_command(words: str) -> list[int]:
    """Processes with `words` in their command line (a kernel names its connection file); Linux only."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words in path.read_bytes().decode(errors="replace"):
                found.append(int(path.parent.name))
        except OSError:
            continue  # ended meanwhile
    return found


@pytest.fixture(scope="module")
def opened(context: Any, server: str) -> Iterator[NotebookPage]:
    """The lesson's notebook, opened and not run."""
    page = context.new_page()
    yield NotebookPage.open(page, server)
    page.close()


@pytest.fixture(scope="module")
def ran(opened: NotebookPage) -> NotebookPage:
    """The same notebook after Run All Cells, with every answer still blank."""
    opened.run_all()
    return opened
