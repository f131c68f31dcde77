"""static/pyodide/ of the in-browser edition: Pyodide's core, the wheels, the lock, and how it all begins."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

from autograder.core.distribution import DISTRIBUTION
from autograder.publishing.jupyterlite import bytecode, lock, wheels
from autograder.publishing.jupyterlite.downloads import Fetched
from autograder.publishing.jupyterlite.environment import KERNEL
from autograder.publishing.jupyterlite.lock import Lock

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", bytecode.STDLIB)
LOCK = "pyodide-lock.json"
START = "start.mjs"
SITE_PACKAGES = "/lib/python3.14/site-packages"
STDLIB_PATH = "/lib/python314.zip"

PACKAGES = ("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython", DISTRIBUTION)
"""Loaded while Pyodide starts. The kernel would otherwise ask for the first seven one after another."""
IMPORTS = ("piplite.piplite", "pyodide_kernel", "autograder")
"""Imported while JupyterLab still loads."""
ALSO_COMPILED = (
    *("autograder.study.flashcard_deck", "autograder.study.figures", "autograder.study.progress"),
    *("fsrs", "latex2mathml.converter", "markdown_it", "mdit_py_plugins.dollarmath"),
)
"""What review() and progress() import when they are called."""
AHEAD = ("numpy", "matplotlib")
"""Fetched from the CDN into the browser's cache once Python stands: nearly every lesson asks for them."""


def lay_out(outside: Fetched, kernel: Path, to: Path, cache: Path) -> None:
    """Write the Pyodide of the in-browser edition.

    Args:
        outside: what was fetched.
        kernel: the kernel's JupyterLab extension.
        to: the folder to write.
        cache: keeps what is compiled for the next time.

    Raises:
        ToolError: where Node is missing.
        BuildError: where Node cannot compile it.
    """
    to.mkdir(parents=True)
    for name in CORE:
        shutil.copy(outside.pyodide / name, to)
    for wheel in (*outside.wheels, *_of_the_kernel(kernel)):
        wheels.lighten(wheel, to)
    wheels.own(to)
    # The kernel loads jedi (1.6 MB, and a second of imports) to complete code; IPython does without it.
    known: Lock = json.loads((outside.pyodide / LOCK).read_text(encoding="utf-8"))
    wheels.stub(to, "jedi", known["packages"]["jedi"]["version"])
    _write_lock(known, to)  # Node loads these wheels, before they are compiled
    modules = bytecode.compiled(to, PACKAGES, (*IMPORTS, *ALSO_COMPILED), cache)
    bytecode.put_into(to / bytecode.STDLIB, modules, STDLIB_PATH)
    for path in to.glob("*.whl"):
        bytecode.put_into(path, modules, SITE_PACKAGES)
    written = _write_lock(known, to)
    _write_beginning(written, kernel, to)


def _of_the_kernel(kernel: Path) -> list[Path]:
    """The kernel's Python side, and its stand-ins for what needs a server."""
    found = sorted((kernel / "static" / "pypi").glob("*.whl"))
    return [path for path in found if not path.name.startswith("widgetsnbextension-3")]


def _write_lock(known: Lock, to: Path) -> Lock:
    written = lock.rewrite(known, [wheels.read(path) for path in sorted(to.glob("*.whl"))])
    (to / LOCK).write_text(json.dumps(written, separators=(",", ":")), encoding="utf-8")
    return written


def _write_beginning(written: Lock, kernel: Path, to: Path) -> None:
    """The scripts that begin Python, and what they load."""
    ahead = [address for address in lock.addresses(written, AHEAD) if address.startswith(lock.CDN)]
    constants = {"packages": PACKAGES, "imports": IMPORTS, "ahead": ahead}
    lines = [f"export const {name} = {json.dumps(value, indent=2)};\n" for name, value in constants.items()]
    (to / "packages.mjs").write_text("".join(lines), encoding="utf-8")
    here = resources.files(__package__)
    (to / START).write_bytes(here.joinpath(START).read_bytes())
    (worker,) = (kernel / "static").glob("comlink.worker.*.js")
    path = f"../../extensions/{KERNEL}/static/{worker.name}"
    text = here.joinpath("worker.mjs").read_text(encoding="utf-8").replace("KERNEL_WORKER", path)
    (to / "worker.mjs").write_text(text, encoding="utf-8")
