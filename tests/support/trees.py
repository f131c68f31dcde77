"""What lies in a folder, to compare it before and after."""

from __future__ import annotations

from pathlib import Path


def tree(root: Path) -> dict[str, tuple[int, bytes]]:
    """Everything below `root`: its kind, and what is in it."""
    return {
        path.relative_to(root).as_posix(): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in root.rglob("*")
    }
