"""Zips that somebody made to do harm: refused with a reason, and not a file written around the course."""

from __future__ import annotations

import datetime as dt
import os
import stat
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.classroom.collecting import unpack
from autograder.classroom.collecting.unpack import Limits, Refused
from autograder.classroom.collecting.zip_metadata import readings_of, time_of
from autograder.course.course_toml import Course
from tests.support import lms_downloads as lms
from tests.support.lms_downloads import Packed, zipped
from tests.support.rosters import run, written
from tests.support.trees import tree

NOTE = b"{}"
FITTING = lms.moodle_name(lms.CLASS[0], "01-coins.ipynb")


def one(name: str, data: bytes = NOTE, **info: object) -> Callable[[Path], Path]:
    """A zip with an honest file and this one."""
    return lambda path: zipped(path, Packed(FITTING, NOTE), Packed(name, data, info=info))


def kind(mode: int) -> int:
    return (mode | 0o644) << 16


def cut_off(path: Path) -> Path:
    data = one("x.ipynb", bytes(10_000))(path).read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def spoiled(path: Path) -> Path:
    """The bytes of a file changed, its checksum not."""
    with zipfile.ZipFile(path, "w") as zip_:
        zip_.writestr("a.ipynb", b"0123456789")
    path.write_bytes(path.read_bytes().replace(b"0123456789", b"0123456780"))
    return path


def other_size(path: Path) -> Path:
    """The table of contents says less than the file has."""
    data = bytearray(one("x.ipynb", os.urandom(5000))(path).read_bytes())
    place = data.rfind(b"PK\1\2")
    struct.pack_into("<L", data, place + 24, 10)
    path.write_bytes(data)
    return path


def overlapping(path: Path) -> Path:
    """Two names for the same bytes, as in the bomb that holds its files within one another."""
    data = bytearray(zipped(path, Packed("a.ipynb", NOTE), Packed("b.ipynb", NOTE)).read_bytes())
    first = data.find(b"PK\1\2")
    second = data.find(b"PK\1\2", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    path.write_bytes(data)
    return path


def not_utf8(path: Path) -> Path:
    data = zipped(path, Packed("ä.ipynb", NOTE)).read_bytes()
    path.write_bytes(data.replace("ä".encode(), b"\xff\xff"))
    return path


def large_contents(path: Path) -> Path:
    """A table of contents that says it has more bytes than anybody should read."""
    data = bytearray(one("x.ipynb")(path).read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\5\6") + 12, 1 << 30)
    path.write_bytes(data)
    return path


def many(path: Path) -> Path:
    return zipped(path, *(Packed(f"{number}.ipynb", b"") for number in range(101)))


def text(content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return make


# The whole zip is refused: no platform makes such a one.
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "path traversal": (one("../../evil.ipynb"), "leads out of its folder"),
    "traversal with backslashes": (one("..\\..\\evil.ipynb"), "leads out of its folder"),
    "traversal within": (one("a/../../../evil.ipynb"), "leads out of its folder"),
    "absolute path": (one("/tmp/evil.ipynb"), "is an absolute path"),
    "network path": (one("\\\\server\\evil.ipynb"), "is an absolute path"),
    "drive letter": (one("C:\\evil.ipynb"), "begins with a drive letter"),
    "drive letter without slash": (one("c:evil.ipynb"), "begins with a drive letter"),
    "symbolic link": (one("link", b"/etc/passwd", external_attr=kind(stat.S_IFLNK)), "is a link"),
    "device": (one("null", b"", external_attr=kind(stat.S_IFCHR)), "is no file but a device"),
    "pipe": (one("pipe", b"", external_attr=kind(stat.S_IFIFO)), "is no file but a device"),
    "socket": (one("sock", b"", external_attr=kind(stat.S_IFSOCK)), "is no file but a device"),
    "encrypted": (one("x.ipynb", encrypted=True), "is encrypted"),
    "same name twice": (one(FITTING), "twice"),
    "files within one another": (overlapping, "lies within another"),
    "control characters": (one("a\x1b[2Jb.ipynb"), "has control characters"),
    "end of line in a name": (one("a\nb.ipynb"), "has control characters"),
    "a name of nothing": (one("./."), "has no usable name"),
    "a name without end": (one("a" * 1001), "has no usable name"),
    "a name that is not UTF-8": (not_utf8, "is damaged"),
    "thousands of files": (many, "more than 100 files"),
    "a large table of contents": (large_contents, "more than 100 files"),
    "bomb by total size": (
        lambda path: zipped(path, *(Packed(f"{n}.ipynb", os.urandom(90_000)) for n in range(12))),
        "the most that is taken in",
    ),
    "cut off": (cut_off, "no zip file, or its end is missing"),
    "spoiled": (spoiled, "is damaged"),
    "a size that is not true": (other_size, "is damaged"),
    "no zip at all": (text(b"Rar!\x1a\x07\x01\x00"), "no zip file"),
    "empty": (text(b""), "no zip file"),
    "half an end": (text(b"PK\5\6"), "no zip file"),
    "an end alone": (text(b"PK\5\6" + b"\xff" * 18), "more than 100 files"),
}

# A learner can cause these by an upload: that file is refused, the class is collected.
ONE_REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "bomb by ratio": (one("x_1_assignsubmission_file_/b.ipynb", bytes(2 << 20)), "zip bomb"),
    "huge notebook": (one("x_1_assignsubmission_file_/h.ipynb", os.urandom(3 << 20)), "most for a file"),
    "nested zip": (one("x_1_assignsubmission_file_/n.zip", os.urandom(99)), "archive within"),
    "nested in upper case": (one("x_1_assignsubmission_file_/n.TAR.GZ", os.urandom(99)), "archive within"),
    "an unusual packing": (
        lambda path: zipped(
            path, Packed(FITTING, NOTE), Packed("l.ipynb", NOTE, info={"compress_type": zipfile.ZIP_LZMA})
        ),
        "packed in a way",
    ),
}
FINE_IN_A_LARGE_CLASS = {"thousands of files", "bomb by total size"}
"""Refused above with small limits only."""
SMALL = Limits(files=100, file_bytes=(5 << 19), all_bytes=1 << 20, ratio=200, directory_bytes=10_000)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_zip_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    make, words = REFUSED[name]
    path = make(tmp_path / "in.zip")
    into = tmp_path / "around" / "into"
    into.mkdir(parents=True)
    with pytest.raises(Refused) as error:
        unpack.unpack(path, into, None, SMALL)
    assert words in str(error.value)
    assert "in.zip was refused" in str(error.value)
    assert str(error.value).isprintable()
    # What was written before the zip proved bad lies under numbers in the temporary folder.
    left = {name for name in tree(tmp_path) if not name.startswith("around/into/0")}
    assert left == {"in.zip", "around", "around/into"}


@pytest.mark.parametrize("name", ONE_REFUSED)
def test_what_a_learner_can_cause_refuses_one_file(tmp_path: Path, name: str) -> None:
    make, words = ONE_REFUSED[name]
    path = make(tmp_path / "in.zip")
    into = tmp_path / "into"
    into.mkdir()
    limits = Limits(files=100, file_bytes=(5 << 19), all_bytes=1 << 30)
    good, bad = unpack.unpack(path, into, None, limits)
    assert good.name == FITTING
    assert good.path and good.path.read_bytes() == NOTE
    assert words in bad.refused
    assert bad.path is None
    assert [one.name for one in into.iterdir()] == ["00000"]


@pytest.mark.parametrize("name", sorted(set(REFUSED) - FINE_IN_A_LARGE_CLASS))
def test_collect_writes_nothing_in_or_around_the_course(
    tiny_built: Course, tmp_path: Path, name: str
) -> None:
    make, _ = REFUSED[name]
    path = make(tmp_path / "in.zip")
    run(tiny_built.root, "roster", "import", str(written(tmp_path / "class.csv", lms.roster_csv())))
    (tmp_path / "beside").mkdir()
    before = tree(tmp_path)
    result = run(tiny_built.root, "collect", str(path))
    assert result.exit_code == 1, result.output
    assert "was refused" in result.output and "Traceback" not in result.output
    assert result.output.count("\n") == 1
    assert tree(tmp_path) == before


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """The announced sizes are enough: nothing of 180 MB of zeros is unpacked."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zip_:
        for number in range(3):
            zip_.writestr(f"{number}.ipynb", bytes(60 << 20))
    start = time.monotonic()
    found = unpack.unpack(path, tmp_path, None, Limits())
    assert time.monotonic() - start < 1
    assert [one.path for one in found] == [None] * 3
    with pytest.raises(Refused, match="180 MB"):
        unpack.unpack(path, tmp_path, None, Limits(all_bytes=100 << 20))


# a folder


def test_a_folder_is_copied_without_its_links_and_pipes(tmp_path: Path) -> None:
    source, into = tmp_path / "source", tmp_path / "into"
    (source / "sub").mkdir(parents=True)
    into.mkdir()
    (source / "a.ipynb").write_bytes(NOTE)
    (source / "sub" / "b.zip").write_bytes(NOTE)
    (source / "link.ipynb").symlink_to("/etc/passwd")
    (source / "up").symlink_to(tmp_path)
    os.mkfifo(source / "pipe.ipynb")
    found = {one.name: one for one in unpack.unpack(source, into, None, Limits())}
    assert found["a.ipynb"].path
    for name in ("link.ipynb", "up", "pipe.ipynb"):
        assert "no plain file" in found[name].refused
    assert "archive within" in found["sub/b.zip"].refused
    assert len(list(into.iterdir())) == 1
    with pytest.raises(Refused, match="more than 2 files"):
        unpack.unpack(source, into, None, Limits(files=2))


# names and clocks


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850", "cp1252", "mac_roman"])
def test_a_name_is_read_in_the_encoding_it_was_written_in(tmp_path: Path, encoding: str) -> None:
    path = zipped(tmp_path / "in.zip", Packed("Zoë Müller.ipynb", NOTE, encoding=encoding))
    with zipfile.ZipFile(path) as zip_:
        assert "Zoë Müller.ipynb" in readings_of(zip_.infolist()[0])


def test_utf_8_that_was_stored_as_something_else_is_read(tmp_path: Path) -> None:
    for page in ("cp437", "cp1252"):
        broken = "Zoë Müller.ipynb".encode().decode(page)
        path = zipped(tmp_path / f"{page}.zip", Packed(broken, NOTE))
        with zipfile.ZipFile(path) as zip_:
            assert "Zoë Müller.ipynb" in readings_of(zip_.infolist()[0])
    path = zipped(tmp_path / "raw.zip", Packed("Zoë.ipynb", NOTE))
    data = bytearray(path.read_bytes())
    place = data.rfind(b"PK\1\2")
    struct.pack_into("<H", data, place + 8, 0)  # no flag, as old Macs do it
    struct.pack_into("<H", data, 6, 0)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as zip_:
        assert readings_of(zip_.infolist()[0]) == ("Zoë.ipynb",)


def test_clocks(tmp_path: Path) -> None:
    when = dt.datetime(2030, 7, 1, 12, 0)
    berlin = ZoneInfo("Europe/Berlin")
    path = zipped(
        tmp_path / "in.zip",
        Packed("local", NOTE, time=when),
        Packed("utc", NOTE, time=when, stamp=True),
        Packed("unset", NOTE, time=dt.datetime(1980, 1, 1)),
        Packed("nonsense", NOTE, info={"date_time": (2030, 0, 0, 0, 0, 0)}),
    )
    with zipfile.ZipFile(path) as zip_:
        assert [time_of(info, berlin) for info in zip_.infolist()] == [
            when - dt.timedelta(hours=2),
            when,
            None,
            None,
        ]
