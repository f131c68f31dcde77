"""A lesson opened and saved, as JupyterLab does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": ".".join(map(str, sys.version_info[:3])),
}


def open_and_save(path: Path) -> None:
    """What JupyterLab does with a lesson: open as a notebook, choose a kernel, run nothing, save."""
    manager: Any = build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(path.parent))
    notebook = manager.get(path.name, content=True, type="notebook")["content"]
    notebook["metadata"] |= {"kernelspec": KERNEL, "language_info": LANGUAGE}
    manager.save({"type": "notebook", "format": "json", "content": notebook}, path.name)
