"""A download of a learning platform, or a folder -> submitted/<student>/<lesson>/.

Everything is unpacked into a temporary folder within submitted/, looked at there, and renamed into its place.
What cannot be placed is named, with the reason and what to do.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom.collecting import notebook_identity, placement, submission_time, unpack
from autograder.classroom.collecting.assemble import Context, File, Unplaced, assemble
from autograder.classroom.collecting.owner import Owners
from autograder.classroom.collecting.placement import Placement
from autograder.classroom.collecting.unpack import Entry, Limits
from autograder.classroom.lms import download_layouts
from autograder.classroom.lms.platform import Claim, Enrolment, Platform
from autograder.classroom.roster import name_matching, roster
from autograder.classroom.roster.roster import Learner
from autograder.core.errors import CourseError
from autograder.course.course_toml import one_of
from autograder.grading.gradebook.course_directory import Classroom


@dataclass(frozen=True)
class Request:
    """What is collected, and how.

    Attributes:
        source: A zip, or a folder.
        lesson: Any unique start of a lesson's name; '' for whatever the notebooks are of.
        sheet: The platform's list of the assignment, with times of handing in (Moodle's grading worksheet).
        who: Learners' ids by the names that the download has for them.
        zone: Where the platform's clock stands; None is this machine's.
        dry_run: Whether to say what would be placed, and place nothing.
        limits: How much is unpacked.
    """

    source: Path
    lesson: str = ""
    sheet: Path | None = None
    who: Mapping[str, str] | None = None
    zone: dt.tzinfo | None = None
    dry_run: bool = False
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Collected:
    """What became of a download. `missing` are learners without a submission, by lesson.

    `download_clock` says that its files carry the time of the download, and that nothing else says when they
    were handed in.
    """

    platform: Platform
    download_clock: bool
    placed: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    missing: Mapping[str, tuple[Learner, ...]]


def collect(classroom: Classroom, request: Request) -> Collected:
    """Place what a download holds. Raises CourseError where nothing of it can be placed at all."""
    people = roster.read(classroom)
    if not people:
        raise CourseError("the roster is empty. First: autograder roster import FILE")
    lesson = request.lesson and one_of(classroom.assignments(), request.lesson, "assignment in source/")
    home = placement.check_home(classroom)
    made = not home.exists()
    home.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=".collect-", dir=home) as aside:
            return _collect(classroom, request, lesson, people, Path(aside))
    finally:
        if made and not any(home.iterdir()):
            home.rmdir()


def _collect(
    classroom: Classroom, request: Request, lesson: str, people: Sequence[Learner], aside: Path
) -> Collected:
    unpacked = aside / "unpacked"
    unpacked.mkdir()
    entries = unpack.unpack(request.source, unpacked, request.zone, request.limits)
    recognized = download_layouts.recognize([entry.names for entry in entries], classroom.assignments())
    platform = recognized.platform
    participants = platform.participants(request.sheet, request.zone) if request.sheet else {}
    enrolment = Enrolment(name_matching.register(people), participants, tuple(classroom.assignments()))
    owners = Owners(platform, enrolment, request.who or {})
    files, unplaced = _owned(entries, recognized.claims, owners)
    context = _context(classroom, request, lesson, owners, files)
    placed = []
    for handed_in in _by_learner(files):
        submissions, problems = assemble(handed_in, context)
        unplaced += problems
        for one in submissions:
            place = Path(tempfile.mkdtemp(dir=aside))
            placed.append(placement.place(classroom, one, place, request.dry_run))
    lessons = sorted({one.lesson for one in placed} | ({lesson} if lesson else set()))
    missing = {name: tuple(_missing(classroom, name, people, placed)) for name in lessons}
    by_clock = context.download_clock and not participants
    return Collected(platform, by_clock, tuple(placed), tuple(unplaced), missing)


def _context(
    classroom: Classroom, request: Request, lesson: str, owners: Owners, files: Sequence[File]
) -> Context:
    course = notebook_identity.notebooks(classroom)
    return Context(
        platform=owners.platform,
        course=course,
        lesson=lesson,
        due=_due(classroom, {one.lesson for one in course}),
        participants=owners.enrolment.participants,
        download_clock=submission_time.is_download_clock(
            owners.platform, [file.entry.time for file in files]
        ),
        zone=request.zone,
    )


def _owned(
    entries: Sequence[Entry], claims: Sequence[tuple[Claim, ...]], owners: Owners
) -> tuple[list[File], list[Unplaced]]:
    files: list[File] = []
    unplaced: dict[str, Unplaced] = {}
    for entry, found in zip(entries, claims, strict=True):
        if not found:
            continue
        claim, match = owners.of(found)
        if match.learner:
            files.append(File(entry, claim, match.learner))
        else:
            # Once for all that was handed in together.
            unplaced.setdefault(
                claim.bundle, Unplaced(claim.bundle, match.reason, owners.remedy(claim, match))
            )
    return files, list(unplaced.values())


def _by_learner(files: Sequence[File]) -> Iterator[list[File]]:
    found: dict[str, list[File]] = defaultdict(list)
    for file in files:
        found[file.learner.id].append(file)
    yield from (found[id_] for id_ in sorted(found))


def _due(classroom: Classroom, lessons: Iterable[str]) -> dict[str, dt.datetime | None]:
    """The due dates that the gradebook knows."""
    with classroom.gradebook() as gradebook:
        known = {one.name: one.duedate for one in gradebook.assignments}
    return {lesson: known.get(lesson) for lesson in lessons}


def _missing(
    classroom: Classroom, lesson: str, people: Sequence[Learner], placed: Sequence[Placement]
) -> Iterator[Learner]:
    here = {one.learner.id for one in placed if one.lesson == lesson} | set(classroom.students(lesson))
    yield from (one for one in people if one.id not in here)
