"""A zip whose bytes depend on nothing but its files' names and contents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def stored(files: Mapping[str, bytes]) -> bytes:
    """The zip, sorted by name.

    Nothing is compressed, because two versions of zlib may compress alike and yet not to the same bytes.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name)  # its clock stands at 1980 unless told otherwise
            info.external_attr = 0o100644 << 16
            info.create_system = 3  # as on Unix, wherever it is made
            archive.writestr(info, data)
    return buffer.getvalue()
