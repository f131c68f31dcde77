"""JupyterLab run on a folder, with this Python and this package's settings; and what runs of it already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import unquote


def serve(folder: Path, notebook: str, no_browser: bool) -> int:
    """Run JupyterLab until it is stopped.

    Args:
        folder: the folder that it shows.
        notebook: what it opens first, a path below `folder`; '' for nothing.
        no_browser: whether to leave the browser closed.

    Returns:
        Its exit code.
    """
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if notebook:
        command.append(f"--LabApp.default_url=/lab/tree/{notebook}")
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


def open_at(notebook: Path) -> str:
    """The address of a Jupyter server of this user's in which `notebook` is open, or ''.

    A server that has ended, or that does not answer, has nothing open.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
            root, address = Path(server["root_dir"]).resolve(), str(server["url"])
            wanted = notebook.resolve().relative_to(root).as_posix()
            request = urllib.request.Request(
                f"{address}api/sessions", headers={"Authorization": f"token {server.get('token', '')}"}
            )
            with urllib.request.urlopen(request, timeout=3) as answer:
                sessions = json.load(answer)
            if any(unquote(session["path"]) == wanted for session in sessions):
                return address
        except (OSError, ValueError, LookupError, TypeError):
            continue
    return ""
