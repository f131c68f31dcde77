"""Where the Markdown of a lesson points: its links and pictures, as Markdown or as HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

_TARGET = re.compile(
    r"""(?P<head>\]\(\s*<?|\s(?:src|href)=["']|^\[[^\]\n]+\]:\s+<?)(?P<target>[^)#\s<>"'][^)\s<>"'#]*)""",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]+:|//)", re.IGNORECASE)


def targets(markdown: str) -> Iterator[tuple[int, str]]:
    """(0-based line, target) of every link and picture that leads to a file, its % signs resolved."""
    for found in _TARGET.finditer(markdown):
        if not _ELSEWHERE.match(found["target"]):
            yield markdown.count("\n", 0, found.start("target")), unquote(found["target"])


def moved(markdown: str, to: Callable[[str], str]) -> str:
    """`markdown` with each target of a link or picture, as in `targets`, replaced by `to(target)`."""

    def put(found: re.Match[str]) -> str:
        target = found["target"]
        return found[0] if _ELSEWHERE.match(target) else found["head"] + to(target)

    return _TARGET.sub(put, markdown)


def lesson_of(target: str) -> str:
    """The lesson that ../NN-name/NN-name.ipynb names; '' for any other target."""
    names = PurePosixPath(target).parts
    return names[1] if len(names) == 3 and names[0] == ".." and names[2] == f"{names[1]}.ipynb" else ""
