"""Pictures of Pillow, from their raw bytes: no format of a file is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.grading.values.budget import CannotCross
from autograder.grading.values.coding import (
    Decodes,
    Encode,
    Encodes,
    Json,
    Make,
    NotByValue,
    chosen,
    inexactly,
    only,
    parts,
    whole,
)

if TYPE_CHECKING:
    from PIL import Image

_BYTES_OF_A_DOT = {
    **{"L": 1, "P": 1, "LA": 2, "PA": 2, "I;16": 2, "I;16L": 2, "I;16B": 2, "RGB": 3, "YCbCr": 3},
    **{"LAB": 3, "HSV": 3, "RGBA": 4, "RGBa": 4, "CMYK": 4, "RGBX": 4, "I": 4, "F": 4},
}
_BITS = "1"  # eight dots a byte, each row by itself
_PALETTES = {"RGB": 3, "RGBA": 4}
_LONGEST_SIDE = 1 << 20


def _image(coder: Encodes, value: Image.Image) -> Json:
    from PIL import Image

    if value.mode not in {*_BYTES_OF_A_DOT, _BITS}:
        raise NotByValue
    palette: Json = None
    if value.palette is not None and value.mode in ("P", "PA"):
        mode = value.palette.mode if value.palette.mode in _PALETTES else "RGB"
        palette = [mode, list(value.getpalette(mode) or [])]
    size: list[Json] = list(value.size)
    data: Json = {"image": [value.mode, size, coder.bytes(memoryview(value.tobytes())), palette]}
    return data if type(value) is Image.Image and not value.info else inexactly(data)


def _make_image(decoder: Decodes, data: object) -> object:
    from PIL import Image

    mode, size, dots, palette = parts(data, 4)
    width, height = (whole(side, 0, _LONGEST_SIDE) for side in parts(size, 2))
    sizes = {name: width * count for name, count in _BYTES_OF_A_DOT.items()} | {_BITS: (width + 7) // 8}
    row = chosen(mode, sizes)
    # Pillow keeps four bytes for each dot of most modes, and one at the least.
    decoder.budget.spend(max(width, 1) * max(height, 1) * 4 - row * height if row * height else 0)
    raw = decoder.bytes(dots, row * height)
    found = Image.frombytes(only(mode, str), (width, height), bytes(raw)) if row * height else None
    if found is None:
        found = Image.new(only(mode, str), (width, height))
    if palette is not None:
        kind, colors = parts(palette, 2)
        numbers = [whole(number, 0, 255) for number in only(colors, list)]
        if mode not in ("P", "PA") or len(numbers) > 256 * chosen(kind, _PALETTES):
            raise CannotCross("not a palette")
        found.putpalette(numbers, only(kind, str))
    return found


def encoders() -> dict[type, Encode]:
    """Pictures, and those that were read from a file of a usual format (without what the file told)."""
    from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, PpmImagePlugin

    files = (
        *(BmpImagePlugin.BmpImageFile, GifImagePlugin.GifImageFile, JpegImagePlugin.JpegImageFile),
        *(PngImagePlugin.PngImageFile, PpmImagePlugin.PpmImageFile),
    )
    return dict.fromkeys((Image.Image, *files), _image)


MAKERS: dict[str, Make] = {"image": _make_image}
MUTABLE = frozenset({"image"})
