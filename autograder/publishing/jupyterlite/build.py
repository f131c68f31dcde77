"""`autograder site --lite`: JupyterLite and the lessons, a folder that any web server can serve."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from autograder.core.errors import BuildError, CourseError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.publishing.copies import lab
from autograder.publishing.jupyterlite import bytecode, downloads, environment, pyodide
from autograder.publishing.jupyterlite.environment import KERNEL, VERSION, JupyterLite

CACHE = Path("build/lite-cache")
"""In the course's folder; git ignores it."""
WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
"""Sliders and the deck, as they are installed here; nbgrader's panels, say, no learner needs."""
PLUGIN = f"{KERNEL}:kernel"
REPLY = 'msgType:"execute_reply",channel:"shell",parentHeader:e.header,session:e.header.session,content:s'
GOES_ON = REPLY + ',metadata:e.content.stop_on_error?{}:{cause:"interrupt"}'
"""In JupyterLite's script, after which error the cells that wait are given up. See _go_on_after_a_check."""
DISABLED = (
    *(f"@jupyterlab/{name}-extension" for name in "audio celltags csvviewer debugger htmlviewer".split()),
    *(f"@jupyterlab/{name}-extension" for name in "hub imageviewer inspector javascript json".split()),
    *(f"@jupyterlab/{name}-extension" for name in "launcher logconsole mermaid pdf".split()),
    *(f"@jupyterlab/{name}-extension" for name in "terminal vega5 video".split()),
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlite/iframe-extension",
)
"""Parts of JupyterLab that no lesson needs, and that cost every start a little."""


def build(
    root: Path, to: Path, say: Callable[[str], None] = lambda _: None, cache: Path | None = None
) -> None:
    """Write the in-browser edition of the lessons in release/. A failed build leaves `to` as it was.

    Args:
        root: the course's folder.
        to: the folder to write, which is replaced whole.
        say: told what is done, a line at a time.
        cache: keeps what is fetched and compiled for the next time.

    Raises:
        ToolError: where npm, node, pip, the network or JupyterLite is missing.
        CourseError: where nothing is released.
        BuildError: where JupyterLite fails.
    """
    course = courses.read(root)
    lessons = lab.every_released(root)
    if not lessons:
        raise CourseError("Nothing is released yet. Build the lessons first: autograder build")
    lite = environment.find(root)
    to.parent.mkdir(parents=True, exist_ok=True)
    say("Pyodide and its packages are fetched (once) ...")
    cache = cache or root / CACHE
    outside = downloads.fetch(cache)
    with tempfile.TemporaryDirectory(prefix=".lite-", dir=to.parent) as name:
        work = Path(name)
        say("Python's modules are compiled by Pyodide ...")
        pyodide.lay_out(outside, lite.kernel, work / "lite" / "static" / "pyodide", cache)
        for lesson in lessons:
            shutil.copytree(root / "release" / lesson.id, work / "contents" / lesson.id)
        say(f"JupyterLite is laid around {len(lessons)} lessons ...")
        _jupyterlite(course, lite, work)
        _begin_early(work / "made", _go_on_after_a_check(work / "made"))
        old = work / "old"
        if to.exists():
            to.rename(old)
        (work / "made").rename(to)


def _jupyterlite(course: Course, lite: JupyterLite, work: Path) -> None:
    """Run `jupyter lite build` on the folder `work`: lite/ and contents/ become made/."""
    (work / "lite" / "jupyter-lite.json").write_text(json.dumps(_settings(course)), encoding="utf-8")
    installed = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    options = {
        "lite_dir": str(work / "lite"),
        "output_dir": str(work / "made"),
        "contents": [str(work / "contents")],
        "apps": ["lab"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "ignore_sys_prefix": ["federated_extensions"],
        "federated_extensions": [str(lite.kernel), *(str(installed / name) for name in WIDGETS)],
    }
    configuration = work / "jupyter_lite_config.json"
    configuration.write_text(json.dumps({"LiteBuildConfig": options}), encoding="utf-8")
    lite.run(configuration)


def _settings(course: Course) -> dict[str, object]:
    """The in-browser edition's jupyter-lite.json; JupyterLite adds its own to it."""
    kernel = {"disablePyPIFallback": False, "loadPyodideOptions": {"packages": pyodide.PACKAGES}}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": course.title,
            "disabledExtensions": DISABLED,
            "exposeAppInBrowser": True,  # narrow.js asks for it
            "enableServiceWorkerCache": "true",
            "litePluginSettings": {PLUGIN: kernel},
        },
    }


def _go_on_after_a_check(made: Path) -> str:
    """Let Run All go on after a blank or wrong answer; returns the script that was changed for it.

    A check's cell is tagged "raises-exception", so JupyterLab asks the kernel not to stop there. JupyterLite
    gives the waiting cells up after every error all the same, but for one whose cause is an interrupt.
    """
    for path in (made / "build").glob("*.js"):
        script = path.read_text(encoding="utf-8")
        if script.count(REPLY) == 1:
            script = script.replace(REPLY, GOES_ON)
            path.write_text(script, encoding="utf-8")
            return script
    raise BuildError("JupyterLite's script of kernels is not that of the version known here.")


def _begin_early(made: Path, changed: str) -> None:
    """Let Python begin with the page: early.js in its head, start.mjs where the kernel loads it; narrow.js.

    `changed` is what else differs from JupyterLite's own files under the same name.
    """
    path = made / "jupyter-lite.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    kernel = settings["jupyter-config-data"]["litePluginSettings"][PLUGIN]
    kernel["pyodideUrl"] = f"./static/pyodide/{pyodide.START}"
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    scripts = [
        resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        for name in ("early.js", "narrow.js")
    ]
    script = "".join(scripts).replace("APP_VERSION", VERSION).replace("BUILD", _fingerprint(made, changed))
    page = made / "lab" / "index.html"
    html = page.read_text(encoding="utf-8")
    if "<head>" not in html:
        raise BuildError("JupyterLite's page has no <head>: it is not that of the version known here.")
    page.write_text(html.replace("<head>", f"<head>\n<script>\n{script}</script>", 1), encoding="utf-8")


def _fingerprint(made: Path, changed: str) -> str:
    """Another word for every build that differs in what a browser keeps."""
    lock = (made / "static" / "pyodide" / pyodide.LOCK).read_bytes()
    stdlib = (made / "static" / "pyodide" / bytecode.STDLIB).read_bytes()
    settings = (made / "jupyter-lite.json").read_bytes()
    return hashlib.sha256(lock + stdlib + settings + changed.encode()).hexdigest()[:12]
