"""A lesson's feedback pages as the zip that a learning platform takes back."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.feedback.pages import StudentFeedback
from autograder.classroom.lms import people_matching
from autograder.classroom.lms.people_matching import PlatformPerson
from autograder.classroom.lms.platform import Platform
from autograder.core.errors import CourseError

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages make the same zip


@dataclass(frozen=True)
class Zipped:
    """How many pages went in, and who was left out and why, a line each."""

    pages: int
    remarks: tuple[str, ...]


def write(given: Iterable[StudentFeedback], platform: Platform, to: Path, downloaded: Path | None) -> Zipped:
    """Zip feedback pages in the form that a platform takes back.

    Args:
        given: The feedback of each learner; those without pages are passed over.
        platform: One that takes feedback.
        to: The zip to write, whole or not at all.
        downloaded: The platform's zip of submissions, whose numbers of learners are taken.

    Returns:
        The number of pages, and a remark for each learner who was left out.

    Raises:
        CourseError: `downloaded` is needed and missing, cannot be read, or holds no submission.
    """
    there = [one for one in given if one.files]
    if platform.needs_downloaded and not downloaded:
        raise CourseError(platform.needs_downloaded)
    known = platform.submitters(_names(downloaded)) if downloaded else []
    if downloaded and not known:
        raise CourseError(f"{downloaded} holds no submission as {platform.name} names them.")
    found = people_matching.match([one.person for one in there], known)
    entries: dict[str, bytes] = {}
    remarks = []
    for one in there:
        start = ""
        if one.person.id in found or not downloaded:
            start = platform.feedback_start(one.person, found.get(one.person.id))
        if not start:
            remarks.append(f"{one.person.name}: left out, {platform.name}'s number for them is not known")
        for path in one.files if start else ():
            entries[f"{start}{path.name}"] = path.read_bytes()
    if entries and not downloaded:
        remarks.append(platform.guess_warning)
    remarks += [_nobody(one) for one in known if one not in found.values()]
    _write(entries, to)
    return Zipped(len(entries), tuple(filter(None, remarks)))


def _nobody(one: PlatformPerson) -> str:
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
