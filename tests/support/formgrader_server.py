"""nbgrader's formgrader in a Jupyter server on a course's folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

TOKEN = "t"


@dataclass(frozen=True)
class FormgraderServer:
    """Where it is, with a `/` at the end, and the course's folder."""

    address: str
    course: Path

    def ask(self, path: str) -> str:
        """The answer to a request below the formgrader's address."""
        return self.get(f"formgrader/{path}")

    def get(self, path: str) -> str:
        """What is answered to a request below the server's address."""
        with self.open(path) as page:
            return page.read().decode()

    def open(self, path: str) -> HTTPResponse:
        """The answer to a request below the server's address; it is asked until it listens."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return urllib.request.urlopen(f"{self.address}{path}?token={TOKEN}")
            except urllib.error.HTTPError:
                raise
            except urllib.error.URLError:
                assert time.monotonic() < deadline, path
                time.sleep(0.2)


@contextmanager
def serving(course: Path, home: Path, more: Mapping[str, str] | None = None) -> Iterator[FormgraderServer]:
    """Start the server on `course`, with settings of its own in `home` and `more` in its environment."""
    places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    log = home / "log"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"),
            *(f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={course}"),
        ],
        cwd=course,
        env={**os.environ, **places, "PATH": path, **(more or {})},
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + 90
        while not (found := re.search(r"http://(?:127\.0\.0\.1|localhost):(\d+)/", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield FormgraderServer(f"http://127.0.0.1:{found[1]}/", course)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
