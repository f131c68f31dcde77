"""The in-browser edition beside a stock JupyterLite build, both cold and again; one JSON object.

    python bench/lite.py [rounds]

A start ends when the first cell has run. Both builds hold the same lesson without numpy. They start in turns,
each time in a Chromium that was never there, and once more after that was closed; on loopback, and on a
slower line. The stock build has the same Pyodide and the same packages beside it (its own come from the CDN),
and loads them as JupyterLite does.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

import lite_site
from notebook_page import NotebookPage
from playwright.sync_api import sync_playwright

from autograder.publishing.flashcard_page import BROWSERS
from autograder.publishing.jupyterlite import build, downloads, environment, lock, pyodide, wheels

PATIENCE = 300_000
NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""The CDN is not reached. (To refuse requests in playwright would take the browser its cache.)"""
MEGABITS = 20
"""Of the slower line, as it may be at home. Nothing is compressed on its way, as a good host would."""


def stock(course: Path, to: Path) -> None:
    """`jupyter lite build` as one would run it, with every app and wheel as it is, and no setting of ours."""
    outside = downloads.fetch(lite_site.CACHE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "static" / "pyodide"
        folder.mkdir(parents=True)
        for file in pyodide.CORE:
            shutil.copy(outside.pyodide / file, folder)
        known = json.loads((outside.pyodide / pyodide.LOCK).read_text())
        paths = [Path(shutil.copy(path, folder)) for path in outside.wheels]
        paths += [*wheels.own(folder), wheels.stub(folder, "widgetsnbextension", "4.0.999")]
        for package in ("jedi", "parso"):  # installed here for JupyterLab, in the version of Pyodide's lock
            paths.append(_from_here(package, known["packages"][package]["version"], folder))
        written = lock.rewrite(known, [wheels.read(path) for path in paths])
        (folder / pyodide.LOCK).write_text(json.dumps(written))
        installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
        options = {
            "lite_dir": name,
            "output_dir": str(to),
            "contents": [str(course / "release")],
            "federated_extensions": [str(installed / widget) for widget in build.WIDGETS],
        }
        configuration = Path(name) / "jupyter_lite_config.json"
        configuration.write_text(json.dumps({"LiteBuildConfig": options}), encoding="utf-8")
        environment.find(lite_site.ROOT).run(configuration)


def _from_here(package: str, version: str, to: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{package}=={version}"]
    subprocess.run([*command, "-d", str(to)], check=True)
    return next(to.glob(f"{package}-*.whl"))


def visit(window: Any, address: str) -> dict[str, float]:
    """Seconds until the notebook is drawn and the first cell has run; what was asked for."""
    page = window.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    began = time.monotonic()
    book = NotebookPage.open(page, lite_site.page_of(address))
    drawn = time.monotonic() - began
    book.run("03-given-1")
    seconds = time.monotonic() - began
    time.sleep(3)  # let the service worker put away what it fetched
    return {"drawn": drawn, "seconds": seconds, "requests": len(asked)}


def measure(chromium: Any, site: Path, megabits: float) -> dict[str, dict[str, float]]:
    """A first visit, and a second one after the browser was closed, as a person has it who comes back."""
    found = {}
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as profile, lite_site.served(site, megabits) as address:
        for which in ("cold", "again"):
            window = chromium.launch_persistent_context(
                profile, executable_path=browser, args=["--no-sandbox", "--disable-gpu", NOWHERE_ELSE]
            )
            window.set_default_timeout(PATIENCE)
            found[which] = visit(window, address)
            window.close()
    return found


def main(rounds: int) -> dict[str, Any]:
    """Both builds in turns; the median of each number."""
    lines = {"loopback": 0.0, f"{MEGABITS} Mbit/s": MEGABITS}
    found: dict[tuple[str, str], list[dict[str, dict[str, float]]]] = {}
    with tempfile.TemporaryDirectory() as name:
        course = lite_site.lay_out(Path(name) / "course")
        sites = {"stock": Path(name) / "stock", "ours": Path(name) / "ours"}
        stock(course, sites["stock"])
        build.build(course, sites["ours"], cache=lite_site.CACHE)
        lite_site.expose(sites["stock"])
        disk = {
            kind: sum(p.stat().st_size for p in site.rglob("*") if p.is_file())
            for kind, site in sites.items()
        }
        load = os.getloadavg()[0]
        with sync_playwright() as playwright:
            for _ in range(rounds):
                for line, megabits in lines.items():
                    for kind, site in sites.items():
                        run = measure(playwright.chromium, site, megabits)
                        found.setdefault((kind, line), []).append(run)
    result: dict[str, Any] = {"rounds": rounds, "cores": os.cpu_count(), "load": [load, os.getloadavg()[0]]}
    for (kind, line), runs in found.items():
        result.setdefault(kind, {"megabytes_on_disk": round(disk[kind] / 1e6, 1)})[line] = {
            which: {
                key: [round(run[which][key], 1) for run in runs] if key == "seconds" else value
                for key, value in medians(run[which] for run in runs).items()
            }
            for which in ("cold", "again")
        }
    return result


def medians(runs: Iterable[dict[str, float]]) -> dict[str, float]:
    """The median of each number, and beside the seconds' median all of them."""
    rows = list(runs)
    found = {key: round(statistics.median(row[key] for row in rows), 1) for key in rows[0]}
    return {**found, "median": found["seconds"]}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3), indent=1))
