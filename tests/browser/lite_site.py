"""A small in-browser edition for the tests and the benchmark: one lesson, cut to its cells without numpy."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LESSON = "03-maximum-likelihood-and-the-kl-view"
CACHE = ROOT / "build" / "lite-cache"
GIVEN = "from autograder import check, hint, progress, review"
KEPT = ("kl-forward-prompt", "kl-forward-answer", "kl-forward-check", "review", "progress")


def lay_out(root: Path) -> Path:
    """A course with that one lesson, in the folder `root`. Its last cell imports numpy."""
    shutil.copytree(ROOT / "lessons", root / "lessons")
    folder = root / "release" / LESSON
    shutil.copytree(ROOT / "release" / LESSON, folder)
    path = folder / f"{LESSON}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    by_id = {cell["id"]: cell for cell in notebook["cells"]}
    by_id["03-given-1"]["source"] = GIVEN
    kept = [by_id[f"03-{name}"] for name in ("reading-1", "given-1", *KEPT)]
    kept.append({**by_id["03-given-1"], "id": "03-numpy", "source": "import numpy\nnumpy.__version__"})
    notebook["cells"] = kept
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return root


def expose(site: Path) -> None:
    """Let JupyterLab say which cell is which, as it does in our own edition."""
    path = site / "jupyter-lite.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    settings["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(settings), encoding="utf-8")


@contextmanager
def served(folder: Path, megabits: float = 0) -> Iterator[str]:
    """The address of a folder, on this machine; all answers together go at `megabits` a second, if given."""
    line = threading.Lock()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def copyfile(self, source: Any, outputfile: Any) -> None:
            while part := source.read(16384):
                with line:
                    time.sleep(len(part) * 8e-6 / megabits if megabits else 0)
                outputfile.write(part)

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def page_of(address: str) -> str:
    """The lesson's address in the edition at `address`."""
    return f"{address}lab/index.html?path={LESSON}/{LESSON}.ipynb"
