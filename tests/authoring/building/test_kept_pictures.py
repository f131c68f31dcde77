"""A picture that looks as before keeps its bytes; one that looks different does not."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autograder.authoring.building import kept_pictures
from autograder.authoring.building.build import build
from autograder.authoring.building.kept_pictures import kept
from autograder.course.course_toml import Course

NOTEBOOK = Path("source/01-coins/01-coins.ipynb")


def png(points: np.ndarray, level: int = 6) -> bytes:
    """`points` as a PNG, packed by one of zlib's levels."""
    buffer = io.BytesIO()
    Image.fromarray(points.astype("uint8")).save(buffer, "png", compress_level=level)
    return buffer.getvalue()


@pytest.fixture
def drawn(tiny_built: Course) -> tuple[Path, bytes, str, np.ndarray]:
    """The built notebook, its figure's PNG, its words and its points."""
    path = tiny_built.root / NOTEBOOK
    ((before, words),) = kept_pictures._pictures_in(path)
    return path, before, words, np.asarray(Image.open(io.BytesIO(before)).convert("RGBA")).copy()


def test_other_packing_and_other_last_bits_are_the_same_picture(drawn) -> None:
    path, before, words, points = drawn
    assert png(points, 1) != before
    assert kept([(png(points, 1), words)], path) == ((before, words),)
    points[::2, ::2, 0] ^= 1
    points[10, 10:12] = (255, 0, 0, 255)
    assert kept([(png(points), words)], path) == ((before, words),)


def test_another_picture_or_other_words_are_new(drawn) -> None:
    path, _, words, points = drawn
    line = points.copy()
    line[100, :, :3] = 255 - line[100, :, :3]
    for new in (
        (png(line), words),
        (png(points[1:]), words),
        (b"no picture", words),
        (png(points, 1), "Other."),
    ):
        assert kept([new], path) == (new,)


def test_where_nothing_is_built_yet_all_is_new(tmp_path: Path) -> None:
    assert kept([(b"x", "words")], tmp_path / "missing.ipynb") == ((b"x", "words"),)
    (tmp_path / "damaged.ipynb").write_text("{")
    assert kept([(b"x", "words")], tmp_path / "damaged.ipynb") == ((b"x", "words"),)


def test_a_build_on_a_machine_that_packs_otherwise_changes_nothing(tiny_built: Course) -> None:
    """The committed bytes are another packer's: the build keeps them, and calls nothing changed."""
    for kind in ("source", "release"):
        path = tiny_built.root / kind / "01-coins" / "01-coins.ipynb"
        text = path.read_text(encoding="utf-8")
        data = next(
            output["data"]
            for cell in json.loads(text)["cells"]
            for output in cell.get("outputs", ())
            if "image/png" in output["data"]
        )
        other = png(np.asarray(Image.open(io.BytesIO(kept_pictures._pictures_in(path)[0][0]))), 1)
        import base64

        old = json.dumps(data["image/png"])[1:-1]
        path.write_text(text.replace(old, base64.b64encode(other).decode()), encoding="utf-8")
    placed = build(tiny_built, tiny_built.lessons, force=True)
    assert placed["01-coins"].wrote == ()
