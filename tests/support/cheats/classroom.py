"""Handing in cheats to a copy of the built tiny course."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.support.cheats.cheat import Cheat, fill

LESSON = "01-coins"


def hand_in(root: Path, student: str, cheat: Cheat) -> None:
    """Write submitted/<student>/01-coins of the course in `root`."""
    release = root / "release" / LESSON
    folder = root / "submitted" / student / LESSON
    folder.mkdir(parents=True)
    notebook = json.loads((release / f"{LESSON}.ipynb").read_text(encoding="utf-8"))
    (folder / f"{LESSON}.ipynb").write_text(json.dumps(fill(notebook, cheat)), encoding="utf-8")
    shutil.copyfile(release / "lesson.json", folder / "lesson.json")
    for name, content in cheat.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if isinstance(content, Path):
            path.symlink_to(content)
        else:
            path.write_text(content, encoding="utf-8")
