"""The fingerprint by which a notebook and its lesson.json know that they belong together.

It is a digest of what learners get: a solution or a hidden test that changes makes no new version, and
neither does a figure's picture, whose bytes may differ from machine to machine, nor the number of the form of
lesson.json.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict, cast

from autograder.core.atomic_write import write_whole
from autograder.core.schema_versions import KEY
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


class _Cell(TypedDict, total=False):
    cell_type: str
    id: str
    metadata: dict[str, object]
    source: str | list[str]


def version_of(notebook: Mapping[str, object], data: Mapping[str, object], files: Mapping[str, bytes]) -> str:
    """The fingerprint of a lesson.

    Args:
        notebook: Its notebook, as JSON.
        data: Its lesson.json, as JSON.
        files: The contents of the files beside the two, by path.

    Returns:
        Twelve hexadecimal digits.
    """
    cells = [
        {
            "cell_type": cell["cell_type"],
            "id": cell.get("id"),
            "metadata": cell["metadata"],
            "source": _HELD_BACK.sub("", "".join(cell["source"])),
        }
        for cell in cast("list[_Cell]", notebook["cells"])
    ]
    plain = {key: value for key, value in data.items() if key != KEY}
    head = cast("dict[str, object]", data["lesson"])
    plain["lesson"] = {key: value for key, value in head.items() if key != "version"}
    digest = hashlib.blake2b(digest_size=6)
    digest.update(json.dumps([cells, plain], sort_keys=True).encode())
    for name, content in sorted(files.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
