"""A lesson's feedback pages as the zip that Moodle or Canvas takes back.

Moodle (mod/assign/feedback/file/importziplib.php) reads a folder's name as
Name_number_assignsubmission_file_, the number being the participant's in this assignment. Canvas takes back
the files of the zip that it gave, under their names up to the file's number: it puts them beside that
submitted file, by the number.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.feedback.pages import Given
from autograder.classroom.lms import canvas, moodle, people_matching
from autograder.classroom.lms.people_matching import Known
from autograder.core.errors import CourseError
from autograder.rendering import untrusted_text

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages make the same zip


@dataclass(frozen=True)
class Zipped:
    """How many pages went in, and who was left out and why, a line each."""

    pages: int
    remarks: tuple[str, ...]


def write(given: Iterable[Given], platform: str, to: Path, downloaded: Path | None) -> Zipped:
    """Zip the pages for `platform`, moodle or canvas. `downloaded` is the platform's zip of submissions.

    Raises CourseError where that zip is needed and missing, or cannot be read.
    """
    there = [one for one in given if one.files]
    names = _names(downloaded) if downloaded else []
    if platform == "canvas":
        if not downloaded:
            raise CourseError(
                "Canvas takes back only files of the zip that it gave: add --downloaded submissions.zip"
            )
        known, starts = canvas.submitted(names)
    else:
        known, starts = moodle.submitted(names), {}
    if downloaded and not known:
        raise CourseError(f"{downloaded} holds no submission as {platform.title()} names them.")
    found = people_matching.match([one.person for one in there], known)
    entries: dict[str, bytes] = {}
    remarks = []
    guessed = False
    for one in there:
        number = found[one.person.id].number if one.person.id in found else "" if known else one.person.lms
        if not number.isdecimal():
            remarks.append(f"{one.person.name}: left out, {platform.title()}'s number for them is not known")
            continue
        guessed = guessed or not known
        start = starts[number] if platform == "canvas" else _folder(one, number)
        for path in one.files:
            entries[f"{start}{path.name}"] = path.read_bytes()
    if guessed:
        remarks.append(moodle.GUESSED + " Or give Moodle's own zip: --downloaded ZIP")
    remarks += [_nobody(one) for one in known if one not in found.values()]
    _write(entries, to)
    return Zipped(len(entries), tuple(remarks))


def _folder(one: Given, number: str) -> str:
    return f"{untrusted_text.in_file_name(one.person.name)}_{number}_assignsubmission_file_/"


def _nobody(one: Known) -> str:
    return f"{one.name} ({one.number}) is in the downloaded zip and has no page"


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        raise CourseError(f"{path} cannot be read as a zip: {error}") from error


def _write(entries: dict[str, bytes], to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = to.with_name(f".{to.name}.new")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, entries[name])
    os.replace(aside, to)
