"""Files from outside, unpacked without trusting them: a zip or a folder -> numbered files and their names.

A name is only ever a label here. Every file is written under a number into the folder that the caller gives,
so that no name can lead anywhere else; the tests of names are there to say that somebody tried.

What only a tampered or broken zip has refuses the whole of it. What a learner can cause with an upload (a
huge file, an archive in the archive) refuses that file, so that one learner cannot stop the class.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from autograder.classroom.collecting.zip_metadata import readings_of, readings_of_bytes, time_of
from autograder.core.errors import CourseError
from autograder.grading.gradebook.submitted_files import LARGEST_SUBMISSION, shown

_NESTED_ARCHIVES = frozenset(".zip .7z .rar .tar .gz .tgz .bz2 .xz .zst .jar".split())
"""How the names of archives end that are refused within a download, which itself is a zip or a folder."""
_CHUNK = 1 << 20
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Refused(CourseError):
    """Something from outside that is not unpacked at all. The message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """How much is taken in. `ratio` is how many times smaller a large file may be packed."""

    files: int = 10_000
    file_bytes: int = LARGEST_SUBMISSION
    all_bytes: int = 4 << 30
    ratio: int = 200  # a notebook packs 3 to 30 times, zeros 1000 times
    directory_bytes: int = 4 << 20  # of a zip's table of contents, which is read into memory


@dataclass(frozen=True)
class Entry:
    """One file from outside.

    `names` are the readings of its path, the likeliest first, parted by "/". `time` is UTC without a zone,
    None where it is not known. `path` is where it was unpacked; None where it is `refused`, with the reason.
    """

    names: tuple[str, ...]
    time: dt.datetime | None
    path: Path | None = None
    refused: str = ""

    @property
    def name(self) -> str:
        """The likeliest reading of its path."""
        return self.names[0]


def unpack(source: Path, into: Path, zone: dt.tzinfo | None, limits: Limits) -> list[Entry]:
    """Unpack a zip, or copy a folder.

    Args:
        source: The zip or the folder.
        into: An empty folder; files are written into it under numbers.
        zone: Where the clock of a zip without time zones stood; None is this machine's.
        limits: How much is taken in.

    Returns:
        An entry for each file, also for one that is refused.

    Raises:
        Refused: Nothing is unpacked, since the zip is damaged, tampered with or too large.
    """
    if source.is_dir():
        return _copy_folder(source, into, limits)
    if not source.is_file():
        raise Refused(f"{source} is neither a zip file nor a folder.")
    try:
        _look_at_the_end(source, limits)
        with zipfile.ZipFile(source) as archive:
            return _unpack_zip(archive, into, zone, limits)
    except Refused as error:
        raise Refused(f"{source.name} was refused: {error} Nothing was collected.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, RuntimeError) as error:
        raise Refused(
            f"{source.name} was refused: it is damaged or cut off ({shown(str(error))})."
            " Download it again. Nothing was collected."
        ) from error


def _look_at_the_end(source: Path, limits: Limits) -> None:
    """Refuse a table of contents that is too large to read, before zipfile reads it."""
    with source.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) < place + 22:
        raise Refused(
            "it is no zip file, or its end is missing. Download it again; unpack any other kind of"
            " archive and collect the folder."
        )
    count, length = struct.unpack_from("<HL", tail, place + 10)
    if count > limits.files or length > limits.directory_bytes:
        raise _too_many(limits)


def _too_many(limits: Limits) -> Refused:
    return Refused(f"it holds more than {limits.files} files.")


def _unpack_zip(archive: zipfile.ZipFile, into: Path, zone: dt.tzinfo | None, limits: Limits) -> list[Entry]:
    infos = archive.infolist()
    if len(infos) > limits.files:
        raise _too_many(limits)
    for info in infos:
        if problem := _tampered(info):
            raise Refused(f"{shown(info.orig_filename)} {problem}.")
    _check_apart(infos)
    total = sum(info.file_size for info in infos)
    if total > limits.all_bytes:
        raise Refused(
            f"unpacked it has {_size(total)}, and the most that is taken in is {limits.all_bytes:,} bytes."
        )
    if total > shutil.disk_usage(into).free:
        raise Refused(f"unpacked it has {_size(total)}, and the disk has no room for it.")
    found = []
    for number, info in enumerate(infos):
        if info.is_dir():
            continue
        names, time = readings_of(info), time_of(info, zone)
        if problem := _unwelcome(names[0], info.file_size, limits) or _packed(info, limits):
            found.append(Entry(names, time, refused=problem))
            continue
        path = into / f"{number:05}"
        with archive.open(info) as file:
            _write(file, path, info.file_size)
        found.append(Entry(names, time, path))
    return found


def _tampered(info: zipfile.ZipInfo) -> str:
    """What no download of a learning platform has; '' for an honest entry."""
    name = info.orig_filename.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    for holds, problem in (
        (name.startswith("/"), "is an absolute path"),
        (re.match(r"[A-Za-z]:", name), "begins with a drive letter"),
        (".." in name.split("/"), "leads out of its folder"),
        (
            any(ord(letter) < 32 or ord(letter) == 127 for letter in name),
            "has control characters in its name",
        ),
        (not name.strip("/. ") or len(name) > 1000, "has no usable name"),
        (stat.S_ISLNK(kind), "is a link to another file"),
        (kind not in (0, stat.S_IFREG, stat.S_IFDIR), "is no file but a device or pipe"),
        (info.flag_bits & 0x41, "is encrypted; unpack the zip with its password and collect the folder"),
    ):
        if holds:
            return problem
    return ""


def _check_apart(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a name that is there twice, and files that overlap in the zip (a bomb that looks small)."""
    seen: set[str] = set()
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        if info.orig_filename in seen:
            raise Refused(f"it holds {shown(info.orig_filename)} twice.")
        seen.add(info.orig_filename)
        if info.header_offset < end:
            raise Refused(f"{shown(info.orig_filename)} lies within another of its files.")
        end = info.header_offset + 30 + info.compress_size


def _unwelcome(name: str, size: int, limits: Limits) -> str:
    """Why a file of this name and size is left out; '' where it is welcome."""
    if size > limits.file_bytes:
        return f"it has {_size(size)}; the most for a file is {_size(limits.file_bytes)}"
    if Path(name).suffix.lower() in _NESTED_ARCHIVES:
        return "it is an archive within the archive"
    return ""


def _packed(info: zipfile.ZipInfo, limits: Limits) -> str:
    if info.compress_type not in _PLAIN:
        return "it is packed in a way that is not read here"
    if info.file_size > max(_CHUNK, info.compress_size * limits.ratio):
        return f"it is packed more than {limits.ratio} times smaller, as only a zip bomb is"
    return ""


def _copy_folder(source: Path, into: Path, limits: Limits) -> list[Entry]:
    found: list[Entry] = []
    total = 0
    for number, path in enumerate(list(_files(source, limits))):
        names = readings_of_bytes(os.fsencode(path.relative_to(source).as_posix()))
        state = path.lstat()
        time = dt.datetime.fromtimestamp(state.st_mtime, dt.UTC).replace(tzinfo=None)
        problem = (
            "it is no plain file but a link, a device or a pipe"
            if not stat.S_ISREG(state.st_mode)
            else _unwelcome(names[0], state.st_size, limits)
        )
        if problem:
            found.append(Entry(names, time, refused=problem))
            continue
        total += state.st_size
        if total > limits.all_bytes:
            raise Refused(f"{source.name} was refused: it holds more than {limits.all_bytes:,} bytes.")
        with path.open("rb") as file:
            _write(file, into / f"{number:05}", state.st_size)
        found.append(Entry(names, time, into / f"{number:05}"))
    return found


def _files(source: Path, limits: Limits) -> Iterator[Path]:
    count = 0
    for home, folders, names in os.walk(source):
        links = [name for name in folders if Path(home, name).is_symlink()]
        folders.sort()
        for name in sorted(names + links):
            count += 1
            if count > limits.files:
                raise Refused(f"{source.name} was refused: {_too_many(limits)}")
            yield Path(home, name)


def _write(file: IO[bytes], path: Path, most: int) -> None:
    """Write a file of at most `most` bytes, the size that was stated. Raises Refused where it is larger."""
    with path.open("xb") as target:
        while chunk := file.read(_CHUNK):
            most -= len(chunk)
            if most < 0:
                raise Refused("one of its files is larger than it says.")
            target.write(chunk)


def _size(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MB" if count >= 1 << 20 else f"{count:,} bytes"
