"""The fingerprint by which a notebook and its lesson.json know that they belong together.

It is a digest of what learners get: a solution or a hidden test that changes makes no new version, and
neither does a figure's picture, whose bytes may differ from machine to machine.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from autograder.core.atomic_write import write_whole
from autograder.course import lesson_json

_HELD_BACK = re.compile(r"^[^\n]*### BEGIN (SOLUTION|HIDDEN TESTS)\b.*?### END \1[^\n]*\n?", re.M | re.S)


def stamp(folder: Path) -> str:
    """Write the fingerprint of the lesson built in `folder` into its notebook and its lesson.json.

    Call it when all other files of the lesson are there. Returns the fingerprint.
    """
    notebook_path, data_path = folder / f"{folder.name}.ipynb", folder / lesson_json.FILE
    notebook = json.loads(notebook_path.read_text(encoding="utf-8"))
    data = json.loads(data_path.read_text(encoding="utf-8"))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    others = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if path not in (notebook_path, data_path)
    }
    version = version_of(notebook, data, others)
    notebook["metadata"]["autograder"] = {"lesson": folder.name, "version": version}
    data["lesson"]["version"] = version
    # The same form as nbformat's, and as the build's, so that only the fingerprint differs.
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(notebook_path, text + "\n")
    write_whole(data_path, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return version


def version_of(notebook: dict[str, Any], data: dict[str, Any], files: dict[str, bytes]) -> str:
    """The fingerprint of a lesson: of its notebook and lesson.json as JSON, and of the files beside them."""
    cells = [
        {
            "cell_type": cell["cell_type"],
            "id": cell.get("id"),
            "metadata": cell["metadata"],
            "source": _HELD_BACK.sub("", "".join(cell["source"])),
        }
        for cell in notebook["cells"]
    ]
    plain = copy.deepcopy(data)
    plain["lesson"].pop("version", None)
    digest = hashlib.blake2b(digest_size=6)
    digest.update(json.dumps([cells, plain], sort_keys=True).encode())
    for name, content in sorted(files.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
