"""Where JupyterLite is installed: in an environment of its own, since it disturbs a real JupyterLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import autograder
from autograder.core.errors import BuildError, ToolError

VERSION = "0.8.6"
"""Of jupyterlite-core and jupyterlite-pyodide-kernel: they fit together, and fit our Pyodide."""
KERNEL = "@jupyterlite/pyodide-kernel-extension"
FOLDER = ".venv-lite"
"""Made by `make .venv-lite/ready`, from requirements-lite.lock."""

PYTHON = Path("Scripts/python.exe" if os.name == "nt" else "bin/python")
NAMES = ("jupyterlite-core", "jupyterlite-pyodide-kernel")

_ASK = f"""
import json, sys
from importlib import metadata
found = {{}}
for name in {NAMES}:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps([sys.prefix, found]))
"""


@dataclass(frozen=True)
class JupyterLite:
    """A Python that can run `jupyter lite`, and the folder of its JupyterLab extensions."""

    python: Path
    extensions: Path

    @property
    def kernel(self) -> Path:
        """Where the kernel's JupyterLab extension is installed."""
        return self.extensions / KERNEL

    def run(self, configuration: Path) -> None:
        """`jupyter lite build`, in the folder of `configuration`. Raises BuildError where that fails."""
        command = [str(self.python), "-m", "jupyterlite_core", "build", "--config", str(configuration)]
        done = subprocess.run(command, cwd=configuration.parent, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BuildError(f"JupyterLite could not make the site:\n{(done.stderr or done.stdout)[-3000:]}")


def find(root: Path) -> JupyterLite:
    """The JupyterLite of this environment, of the course's `.venv-lite`, or of that beside the package.

    Raises ToolError, with the command that installs it, where there is none or one of another version.
    """
    here = Path(autograder.__file__).parents[1]
    for python in (Path(sys.executable), root / FOLDER / PYTHON, here / FOLDER / PYTHON):
        prefix, versions = _ask(python) if python.exists() else (Path(), {})
        if NAMES[0] not in versions:
            continue
        for name in NAMES:
            if versions.get(name) != VERSION:
                found = versions.get(name, "no version")
                raise ToolError(
                    f"{name}: {found} is installed in {prefix}; this edition is made with {VERSION}."
                )
        return JupyterLite(python, prefix / "share" / "jupyter" / "labextensions")
    raise ToolError(
        "JupyterLite is not installed. Install it in an environment of its own: make .venv-lite/ready"
        f" in {here}"
    )


def _ask(python: Path) -> tuple[Path, dict[str, str]]:
    command = [str(python), "-I", "-c", _ASK]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise ToolError(f"{python} does not run: {done.stderr.strip()[-300:]}")
    prefix, versions = json.loads(done.stdout)
    return Path(prefix), versions
