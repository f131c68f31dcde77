"""A submission as it lies in submitted/: its files, its time, its limits."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

LARGEST_SUBMISSION = 64 << 20
"""Bytes of all files of one submission together."""


def shown(name: str) -> str:
    """A file's name as one short line: what cannot be printed is written as Python writes it."""
    text = name if name.isprintable() else ascii(name)[1:-1]
    return text if len(text) <= 60 else f"{text[:57]}..."


def submitted_files(folder: Path) -> list[Path]:
    """The regular files of a submission. Links are passed over: they may lead anywhere."""
    found = []
    for home, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != ".ipynb_checkpoints"]
        for name in names:
            path = Path(home, name)
            if path.is_file() and not path.is_symlink():
                found.append(path)
    return sorted(found)


def timestamp_of(folder: Path) -> dt.datetime | None:
    """When the submission came in, by its timestamp.txt, in UTC; None where it does not say."""
    from nbgrader.utils import parse_utc

    path = folder / "timestamp.txt"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not text:
        return None
    try:
        return parse_utc(text)
    except (ValueError, OverflowError):
        return None
