"""Keeps the bytes of a committed picture where the newly drawn one looks the same.

The pictures are taken out of what must be equal to the last byte: how lines are smoothed hangs on the last
bits of their places, and how a PNG is packed on the library that packs it, and both differ between machines
where nothing that anybody sees does. So a build compares what is seen, and where no point of the picture has
changed visibly, the old bytes stay. The words of a figure are compared exactly, by a promise of `verify`.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Sequence
from pathlib import Path

from autograder.authoring.evaluation.prepare import Picture

UNSEEN = 8
"""Of 255 levels of a color: by so much a point may differ and still look the same."""
FEW = 1e-4
"""The share of points that may differ by more: a smoothed edge falls to the neighbour now and then."""


def kept(pictures: Sequence[Picture], notebook: Path) -> tuple[Picture, ...]:
    """`pictures`, each as it stands in the built `notebook` where it looks the same and says the same."""
    old = _pictures_in(notebook)
    same = [
        next((before for before in old if before[1] == words and _look_alike(before[0], png)), (png, words))
        for png, words in pictures
    ]
    return tuple(same)


def _pictures_in(notebook: Path) -> list[Picture]:
    """The pictures of a built notebook with their words; none where it cannot be read."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        found = [output.get("data", {}) for cell in cells for output in cell.get("outputs", ())]
        return [
            (base64.b64decode("".join(data["image/png"])), "".join(data["text/plain"]))
            for data in found
            if "image/png" in data and "text/plain" in data
        ]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []


def _look_alike(first: bytes, second: bytes) -> bool:
    if first == second:
        return True
    # Both come with matplotlib, which has just drawn the picture.
    import numpy as np
    from PIL import Image

    try:
        a, b = (np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"), dtype=int) for png in (first, second))
    except OSError:
        return False
    if a.shape != b.shape:
        return False
    return float(np.mean(np.abs(a - b).max(axis=-1) > UNSEEN)) <= FEW
