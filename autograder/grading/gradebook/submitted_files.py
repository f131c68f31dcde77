"""A submission as it lies in submitted/: its files, its time, its limits."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

TIMESTAMP = "timestamp.txt"
"""The file in which nbgrader keeps when a submission came in."""
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
    path = folder / TIMESTAMP
    return timestamp_in(path) if path.is_file() else None


def timestamp_in(path: Path) -> dt.datetime | None:
    """The time in UTC that a file such as timestamp.txt holds; None where it holds none."""
    from nbgrader.utils import parse_utc

    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        return parse_utc(text) if 0 < len(text) < 100 else None
    except (ValueError, OverflowError):
        return None


def timestamp_text(time: dt.datetime) -> str:
    """What nbgrader writes into timestamp.txt for a time in UTC."""
    return f"{time:%Y-%m-%d %H:%M:%S.%f} UTC\n"
