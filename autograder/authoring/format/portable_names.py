"""Which names a file beside a lesson may have: those that every system, nbgrader and Python take alike."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import PurePosixPath

LONGEST = 120
"""Characters of a path within the folder: with the lesson's name, twice, Windows ends at 260."""
KERNEL = frozenset(
    "IPython PIL anywidget autograder comm cycler dateutil debugpy fontTools fsrs ipykernel ipywidgets"
    " jupyter_client jupyter_core kiwisolver matplotlib mpl_toolkits msgpack nbformat numpy orjson packaging"
    " platformdirs psutil pydev_ipython pydevconsole pydevd pydevd_file_utils pygments pyparsing"
    " sitecustomize tornado traitlets typing_extensions usercustomize zmq".split()
)
"""Modules that a learner's kernel has loaded, or loads with `autograder`, before it looks in the folder."""

_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))]
)
_RESERVED = frozenset(
    "lesson.json my-progress.jsonl timestamp.txt environment.yml how-to.txt jupytext.toml .jupytext".split()
)
_JUNK = frozenset(["__pycache__", "thumbs.db", "desktop.ini"])


def is_ignored(path: PurePosixPath) -> bool:
    """Whether a file is no part of the lesson: hidden, a checkpoint, Python's cache, an editor's copy."""
    return any(part.startswith(".") or part.casefold() in _JUNK for part in path.parts) or path.name.endswith(
        (".pyc", ".pyo", "~")
    )


def objection(path: PurePosixPath, lesson: str) -> tuple[str, str] | None:
    """(what is wrong, what to do) of a file's name; None where it is good."""
    for part in path.parts:
        if reason := _unportable(part):
            return reason, "Rename it: letters, digits, - _ and . are safe everywhere."
    if len(str(path)) > LONGEST:
        return f"its path is longer than {LONGEST} characters", "Rename it, or its folders."
    if path.suffix.casefold() == ".ipynb":
        return "nbgrader would take a notebook for one of the assignment's", "Make it a lesson of its own."
    top = path.parts[0]
    if top.casefold() in (*_RESERVED, f"{lesson}_files") or top.casefold().endswith(".whl"):
        return "a built lesson has a file of its own under this name", "Rename it."
    if path.suffix == ".py" and (module := top.removesuffix(".py")) in sys.stdlib_module_names | KERNEL:
        return f"a notebook that imports {module} gets the one that Python or Jupyter brings", "Rename it."
    return None


def same_name(path: PurePosixPath) -> str:
    """A form of a path that is the same for two paths that are one file on Windows or on a Mac."""
    return unicodedata.normalize("NFC", str(path)).casefold()


def _unportable(part: str) -> str:
    try:
        part.encode()
    except UnicodeEncodeError:
        return "its name is not stored as UTF-8"
    if found := [sign for sign in part if sign in '<>:"/\\|?*' or unicodedata.category(sign) == "Cc"]:
        return f"its name holds {found[0]!r}, which Windows cannot store"
    if part[-1] in " ." or part[0] == " ":
        return "its name begins or ends with a space, or ends with a dot"
    if part.split(".")[0].casefold() in _DEVICES:
        return f"{part.split('.')[0]!r} is the name of a device on Windows"
    if unicodedata.normalize("NFC", part) != part:
        return "its name writes an accent as a sign of its own, as a Mac does"
    return ""
