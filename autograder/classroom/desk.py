"""A learner's copies: what `autograder lab` opens, and the lessons as they were released."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.authoring.course import one_of
from autograder.core import catalog
from autograder.core.errors import CourseError
from autograder.core.exercise import Lesson


def released(root: Path, prefix: str) -> Lesson:
    """The lesson in root/release whose name starts with `prefix`. Raises CourseError."""
    return catalog.read(root / "release" / _name(root, prefix) / catalog.FILE)


def every_released(root: Path) -> list[Lesson]:
    """Every lesson in root/release, in order. Raises CourseError."""
    return [catalog.read(root / "release" / name / catalog.FILE) for name in _names(root)]


def _name(root: Path, prefix: str) -> str:
    return one_of(_names(root), prefix, "lesson in release/")


def _names(root: Path) -> list[str]:
    names = sorted(path.parent.name for path in (root / "release").glob(f"*/{catalog.FILE}"))
    if not names:
        raise CourseError(f"{root / 'release'} holds no lesson. Run: autograder build")
    return names


def copy_out(root: Path) -> Path:
    """Copy every released lesson into work/, and return that folder.

    A notebook that is already there is the learner's own and stays; lesson.json is always made fresh.
    """
    work = root / "work"
    for name in _names(root):
        folder = root / "release" / name
        for path in sorted(folder.rglob("*")):
            target = work / name / path.relative_to(folder)
            if path.is_file() and (path.suffix != ".ipynb" or not target.exists()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return work


def open_lab(root: Path, prefix: str | None, no_browser: bool) -> int:
    """Run JupyterLab on the learner's copies until it is stopped; returns its exit code."""
    work = copy_out(root)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={work}"]
    if prefix:
        name = _name(root, prefix)
        command.append(f"--LabApp.default_url=/lab/tree/{name}/{name}.ipynb")
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # The kernel must be this Python, also where no venv is active.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # Defaults for a learner, e.g. no question about Jupyter news; their own settings still win.
    config = [str(Path(__file__).parent / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    places = {"PATH": path, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, config))}
    try:
        return subprocess.run(command, env={**os.environ, **places}, check=False).returncode
    except KeyboardInterrupt:
        return 0
