"""Downloads as learning platforms make them, for a class that does what classes do.

Names of files follow the programs that write them: Canvas's lib/content_zipper.rb, Moodle's
mod/assign/classes/downloader.php. Both stamp every file with the time of the download.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import struct
import unicodedata
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DUE = dt.datetime(2030, 1, 7, 12, 0)
"""The due date, in UTC."""


@dataclass(frozen=True)
class Person:
    """Somebody on the platform. `number` is Canvas's number of a person, and Moodle's of a participant."""

    id: str
    first: str
    last: str
    number: int

    @property
    def email(self) -> str:
        return f"{self.id}@uni.example"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


CLASS = (
    Person("am12", "Anna", "Müller", 101),
    Person("jo34", "José", "Núñez García", 102),
    Person("lo56", "Łukasz", "Øster-Bæk", 103),
    Person("si78", "Siobhán", "O'Brien", 104),
    Person("wa90", "伟", "王", 105),
    Person("be11", "Anna", "van der Berg", 106),
    Person("zo22", "Zoë", "Groß", 107),
    Person("mi33", "Mia", "Missing", 108),
)
BY_ID = {one.id: one for one in CLASS}


def roster_csv(people: tuple[Person, ...] = CLASS) -> str:
    """The class as a roster of this course."""
    lines = [f"{one.id},{one.first},{one.last},{one.email},{one.number}" for one in people]
    return "\n".join(["id,first_name,last_name,email,lms_user_id", *lines, ""])


def answered(released: Path, answer: str) -> bytes:
    """The released notebook with `answer` in the first answer cell."""
    notebook = json.loads(released.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution"))
    cell["source"] = answer
    return json.dumps(notebook).encode()


def foreign() -> bytes:
    """A notebook of no course."""
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": "1 + 1", "outputs": []}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@dataclass(frozen=True)
class Packed:
    """A file of a zip. `time` is UTC; with `stamp` it is also written with its zone, as Unix zips do."""

    name: str
    data: bytes
    time: dt.datetime = DUE + dt.timedelta(days=2)
    stamp: bool = False
    encoding: str = "utf-8"
    info: Mapping[str, Any] | None = None


def zipped(path: Path, *files: Packed) -> Path:
    """A zip of these files, in this order; names go into it byte for byte in their encoding."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            info = Name(file.name, file.time.timetuple()[:6])
            info.raw, info.utf8 = file.name.encode(file.encoding), file.encoding == "utf-8"
            info.encrypted = False
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            if file.stamp:
                seconds = int(file.time.replace(tzinfo=dt.UTC).timestamp())
                info.extra = struct.pack("<HHBl", 0x5455, 5, 1, seconds)
            for key, value in (file.info or {}).items():
                setattr(info, key, value)
            archive.writestr(info, file.data)
    return path


class Name(zipfile.ZipInfo):
    """A ZipInfo whose name is written in any encoding."""

    raw: bytes
    utf8: bool
    encrypted: bool
    __slots__ = ("encrypted", "raw", "utf8")

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        # zipfile's own hook for the name's bytes and the UTF-8 flag.
        return self.raw, 0x800 * (self.utf8 and not self.raw.isascii()) | self.encrypted


# Moodle


def moodle_name(person: Person, file: str, *, folders: bool = True, kind: str = "file") -> str:
    """A path in Moodle's download: it drops quotes, keeps accents, and makes spaces of underscores."""
    name = re.sub(r"[&<>\"`|':\\/]", "", person.name.replace("_", " "))
    return f"{name}_{person.number}_assignsubmission_{kind}_{'/' if folders else ''}{file}"


def moodle_worksheet(path: Path, handed_in: Mapping[str, dt.datetime], hidden: bool = False) -> Path:
    """Moodle's grading worksheet, with its mark on the line and its own form of times."""
    text = io.StringIO()
    writer = csv.writer(text)
    head = ["Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum grade"]
    writer.writerow([*head, "Last modified (submission)", "Last modified (grade)"])
    for person in CLASS:
        time = handed_in.get(person.id)
        status = "No submission - " if time is None else "Submitted for grading - "
        if time and time > DUE:
            status += "1 day 2 hours late - "
        names = ["", "", ""] if hidden else [person.name, "", person.email]
        when = f"{time:%A}, {time.day} {time:%B %Y}, {time:%I:%M %p}" if time else "-"
        writer.writerow([f"Participant {person.number}", *names, status, "", "2.00", when, "-"])
    path.write_text("\ufeff" + text.getvalue(), encoding="utf-8")
    return path


def moodle(path: Path, released: Path, *, folders: bool = True) -> Path:
    """A class's download: accents, resubmissions, foreign files, a text typed online, no notebook."""
    name = released.name

    def of(id_: str, file: str, data: bytes, **more: Any) -> Packed:
        return Packed(moodle_name(BY_ID[id_], file, folders=folders, **more), data)

    return zipped(
        path,
        of("am12", name, answered(released, "coin_sides = 2")),
        of("jo34", f"{released.stem} (1).ipynb", answered(released, "coin_sides = 3")),
        of("jo34", name, answered(released, "coin_sides = 4")),
        of("jo34", "picture.png", b"\x89PNG"),
        of("lo56", "my homework.ipynb.txt", answered(released, "coin_sides = 5")),
        of("si78", "answers.pdf", b"%PDF"),
        of("si78", "onlinetext.html", b"<p>I did it</p>", kind="onlinetext"),
        of("wa90", unicodedata.normalize("NFD", "Übung.ipynb"), answered(released, "coin_sides = 6")),
        of("be11", "scratch.ipynb", foreign()),
        of("zo22", "work.zip", b"PK\5\6" + bytes(18)),
        Packed(moodle_name(Person("x", "Guest", "Auditor", 999), name, folders=folders), foreign()),
        Packed("__MACOSX/._x", b"junk"),
        Packed("Read me.txt", b"from the platform"),
    )


# Canvas


def canvas_name(person: Person, file: str, attachment: int, *, late: bool = False) -> str:
    """A path in Canvas's download: the sortable name without anything but letters, in lower case."""
    name = re.sub(r"\W", "", f"{person.last}, {person.first}".lower())
    return f"{name}_{'LATE_' * late}{person.number}_{attachment}_{file}"


def canvas(path: Path, released: Path) -> Path:
    """A class's download: accents, late marks, resubmissions, foreign files, a text typed online."""
    stem, name = released.stem, released.name

    def of(id_: str, file: str, attachment: int, data: bytes, late: bool = False) -> Packed:
        return Packed(canvas_name(BY_ID[id_], file, attachment, late=late), data, stamp=True)

    return zipped(
        path,
        of("am12", name, 9001, answered(released, "coin_sides = 2")),
        of("jo34", f"{stem}-1.ipynb", 9012, answered(released, "coin_sides = 3"), late=True),
        of("lo56", f"{stem}-2.ipynb", 9023, answered(released, "coin_sides = 5")),
        of("lo56", f"{stem}.ipynb", 9003, answered(released, "coin_sides = 4")),
        of("wa90", f"{stem}.ipynb", 9005, answered(released, "coin_sides = 6")),
        of("be11", "scratch.ipynb", 9006, foreign()),
        of("zo22", "notes.docx", 9007, b"PK\3\4"),
        Packed("obriensiobhan_104_text.html", b"<p>I did it</p>"),
        Packed(f"auditorguest_999_9008_{name}", foreign()),
        Packed("readme.txt", b"from the platform"),
    )


def canvas_gradebook() -> str:
    """Canvas's gradebook export, with its second row and its test student."""
    lines = [f'"{one.last}, {one.first}",{one.number},,{one.id},Section 1,2' for one in CLASS]
    return "\n".join(
        [
            "Student,ID,SIS User ID,SIS Login ID,Section,Coins (77)",
            "    Points Possible,,,,,2",
            *lines,
            '"Student, Test",555,,f00f,Section 1,',
            "",
        ]
    )
