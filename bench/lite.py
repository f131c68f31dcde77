"""The in-browser edition beside a stock JupyterLite build, both cold and again; one JSON object.

    python bench/lite.py [rounds]

A start ends when the first cell has run; both builds hold the same lesson without numpy, and are started
in turns, each time in a Chromium without a cache. The stock build has the same Pyodide and the same packages
beside it (its own would come from the CDN), and loads them as JupyterLite does.
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
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

import lite_site
from notebook_page import NotebookPage
from playwright.sync_api import sync_playwright

from autograder.classroom.lite import build, fetched, lock, pyodide, wheels
from autograder.study.printing import BROWSERS

PATIENCE = 300_000


def stock(course: Path, to: Path) -> None:
    """`jupyter lite build` as one would run it, with every extension, app and wheel as it is."""
    outside = fetched.fetch(lite_site.CACHE)
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
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", name]
        command += ["--output-dir", str(to), "--contents", str(course / "release")]
        subprocess.run(command, check=True, capture_output=True, cwd=name)


def _from_here(package: str, version: str, to: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"{package}=={version}"]
    subprocess.run([*command, "-d", str(to)], check=True)
    return next(to.glob(f"{package}-*.whl"))


def visit(window: Any, address: str) -> dict[str, float]:
    """Seconds until the notebook is drawn and the first cell has run; what was asked for and came."""
    page = window.new_page()
    came: list[int] = []
    page.on("response", lambda answer: came.append(int(answer.headers.get("content-length", 0))))
    began = time.monotonic()
    book = NotebookPage.open(page, lite_site.page_of(address))
    drawn = time.monotonic() - began
    book.run("03-given-1")
    seconds = time.monotonic() - began
    page.close()
    return {"drawn": drawn, "seconds": seconds, "requests": len(came), "megabytes": sum(came) / 1e6}


def measure(chromium: Any, site: Path) -> dict[str, dict[str, float]]:
    """A first visit and a second one in a browser that was never here."""
    with lite_site.served(site) as address:
        window = chromium.new_context(viewport={"width": 1280, "height": 900})
        window.set_default_timeout(PATIENCE)
        window.route(lambda where: not where.startswith(address), lambda route: route.abort())
        found = {"cold": visit(window, address)}
        time.sleep(2)
        found["again"] = visit(window, address)
        window.close()
    return found


def main(rounds: int) -> dict[str, Any]:
    """Both builds in turns; the median of each number."""
    found: dict[str, list[dict[str, dict[str, float]]]] = {"stock": [], "ours": []}
    with tempfile.TemporaryDirectory() as name:
        course = lite_site.lay_out(Path(name) / "course")
        sites = {"stock": Path(name) / "stock", "ours": Path(name) / "ours"}
        stock(course, sites["stock"])
        build.build(course, sites["ours"], cache=lite_site.CACHE)
        for site in sites.values():
            lite_site.expose(site)
        disk = {
            kind: sum(p.stat().st_size for p in site.rglob("*") if p.is_file())
            for kind, site in sites.items()
        }
        browser = next(filter(None, map(shutil.which, BROWSERS)))
        with sync_playwright() as playwright:
            for _ in range(rounds):
                for kind, site in sites.items():
                    chromium = playwright.chromium.launch(
                        executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
                    )
                    found[kind].append(measure(chromium, site))
                    chromium.close()
    result: dict[str, Any] = {"rounds": rounds, "cores": os.cpu_count(), "load": os.getloadavg()[0]}
    for kind, runs in found.items():
        result[kind] = {"megabytes_on_disk": round(disk[kind] / 1e6, 1)}
        for which in ("cold", "again"):
            numbers = {key: [run[which][key] for run in runs] for key in runs[0][which]}
            result[kind][which] = {
                key: round(statistics.median(values), 1) for key, values in numbers.items()
            }
    return result


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3), indent=1))
