"""The name and the time of a file in a zip; the encoding of the name must be guessed.

Zips of before 2006, and of Windows still, store names in the code page of the machine that made them and
say nothing of it. So a name has readings, and whoever knows the roster picks the one that means somebody.
"""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
import zlib
from collections.abc import Iterator

_UTF8_FLAG = 0x800
_UNIX_TIME = 0x5455
_UNICODE_PATH = 0x7075
CODE_PAGES = ("cp437", "cp850", "cp1252", "mac_roman")
"""What names that are not UTF-8 are read as: the zip standard's own, DOS's, Windows's, old Macs'."""


def readings_of(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """The readings of an entry's path, the likeliest first, parted by "/"."""
    if info.flag_bits & _UTF8_FLAG:
        found = _with_repaired(info.orig_filename)
    else:
        raw = info.orig_filename.encode("cp437")  # as zipfile decoded it
        found = (_unicode_path(info, raw) or ()) + readings_of_bytes(raw)
    return tuple(dict.fromkeys(name.replace("\\", "/") for name in found))


def readings_of_bytes(raw: bytes) -> tuple[str, ...]:
    """The readings of a name of which only the bytes are known."""
    try:
        return _with_repaired(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return tuple(dict.fromkeys(filter(None, (_decoded(raw, page) for page in CODE_PAGES))))


def _with_repaired(name: str) -> tuple[str, ...]:
    """The name, and what it was before somebody read UTF-8 as a code page and stored the result."""
    found = [name]
    for page in () if name.isascii() else CODE_PAGES:
        try:
            found.append(name.encode(page).decode("utf-8"))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _decoded(raw: bytes, page: str) -> str:
    try:
        return raw.decode(page)
    except UnicodeDecodeError:
        return ""


def _unicode_path(info: zipfile.ZipInfo, raw: bytes) -> tuple[str, ...]:
    for kind, data in _extras(info.extra):
        # Version, checksum of the name it stands for (else the name was changed since), the name.
        if kind == _UNICODE_PATH and data[1:5] == struct.pack("<L", zlib.crc32(raw)):
            name = data[5:].decode("utf-8", "replace")
            return (name,) if is_harmless(name) else ()
    return ()


def is_harmless(name: str) -> bool:
    """Whether a second name, which the zip's own checks have not seen, is a plain relative path."""
    parts = name.replace("\\", "/").split("/")
    return name.isprintable() and ".." not in parts and parts[0] != "" and ":" not in parts[0]


def time_of(info: zipfile.ZipInfo, zone: dt.tzinfo | None) -> dt.datetime | None:
    """When a file was last changed, in UTC without a zone; None where the zip does not say.

    `zone` is where the clock of a zip without time zones stood; None is this machine's.
    """
    for kind, data in _extras(info.extra):
        if kind == _UNIX_TIME and len(data) >= 5 and data[0] & 1:
            (seconds,) = struct.unpack_from("<l", data, 1)
            return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)
    try:
        local = dt.datetime(*info.date_time, tzinfo=zone)
        if local.year == 1980:  # where a zip's years begin: nobody set the clock
            return None
        return local.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]
