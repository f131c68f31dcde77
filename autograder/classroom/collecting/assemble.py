"""One learner's files of a download -> a submission a lesson: the newest notebooks, and files beside them."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.classroom.collecting import notebook_identity, submission_time
from autograder.classroom.collecting.notebook_identity import CourseNotebook
from autograder.classroom.collecting.placement import Submission
from autograder.classroom.collecting.submission_time import Arrival
from autograder.classroom.collecting.unpack import Entry
from autograder.classroom.lms.download_layouts import copy_number
from autograder.classroom.lms.platform import Claim, Participant, Platform
from autograder.classroom.roster.roster import Learner, unusable
from autograder.grading.gradebook.submitted_files import LARGEST_SUBMISSION, TIMESTAMP, timestamp_in

# Browsers that do not know notebooks save 03.ipynb as 03.ipynb.txt or 03.ipynb.json.
_NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(?:\.txt|\.json)?", re.IGNORECASE)
_LONG_AGO = dt.datetime.min


@dataclass(frozen=True)
class Unplaced:
    """A file, or what one learner handed in, that found no place: why, and what to do."""

    name: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class File:
    """A file of the download whose learner is known."""

    entry: Entry
    claim: Claim
    learner: Learner

    @property
    def bundle(self) -> str:
        """What files that were handed in together share."""
        return self.claim.bundle

    @property
    def path(self) -> Path:
        """Where it was unpacked; a file that was refused has no path and comes into no submission."""
        assert self.entry.path
        return self.entry.path


@dataclass(frozen=True)
class Context:
    """What all learners of a download share.

    Attributes:
        platform: Whose download it is.
        course: The notebooks of the course.
        lesson: The lesson that is collected; '' for all.
        due: Due dates in UTC without a zone, by lesson.
        participants: The platform's list of the assignment, by its number of the learner.
        download_clock: Whether the files' clocks are that of the download.
        zone: Where the platform's clock stands; None is this machine's.
    """

    platform: Platform
    course: tuple[CourseNotebook, ...]
    lesson: str
    due: Mapping[str, dt.datetime | None]
    participants: Mapping[str, Participant]
    download_clock: bool
    zone: dt.tzinfo | None


@dataclass(frozen=True)
class Copy:
    """A copy of a notebook of the course. `time` is None where nothing says when it was handed in."""

    file: File
    original: CourseNotebook
    time: dt.datetime | None
    note: str


def age(copy: Copy) -> tuple[int, dt.datetime, int, dt.datetime, str]:
    """A sort key, oldest first: attempt, handed in, the browser's "(2)", the file's time and name."""
    claim, clock = copy.file.claim, copy.file.entry.time
    return (
        claim.attempt,
        copy.time or _LONG_AGO,
        copy_number(_stem(claim.file)),
        clock or _LONG_AGO,
        claim.file,
    )


def assemble(files: Sequence[File], context: Context) -> tuple[list[Submission], list[Unplaced]]:
    """Make one learner's files into submissions, one a lesson; also the files that could not be placed."""
    wanted = [file for file in files if context.lesson in ("", file.claim.lesson or context.lesson)]
    times = _written_times(wanted, context)
    copies: dict[str, list[Copy]] = defaultdict(list)
    others: dict[str, list[File]] = defaultdict(list)
    problems = []
    for file in wanted:
        if file.entry.refused:
            problems.append(Unplaced(file.entry.name, file.entry.refused, _remedy(file)))
        elif not _NOTEBOOK.fullmatch(file.claim.file):
            others[file.bundle].append(file)
        elif isinstance(found := _identified(file, context, times), Unplaced):
            problems.append(found)
        else:
            copies[found.original.lesson].append(found)
    if not copies and not problems and (there := [file for group in others.values() for file in group]):
        problems.append(_without_notebook(there))
    submissions = []
    for lesson, found_copies in copies.items():
        chosen = _newest_of_each(found_copies)
        bundles = dict.fromkeys(copy.file.bundle for copy in chosen)
        beside = [file for bundle in bundles for file in others.get(bundle, ())]
        arrival = _arrival(lesson, max(chosen, key=age).file, context, times)
        submissions.append(_submission(chosen, len(found_copies), beside, arrival))
    return submissions, problems


def _written_times(files: Iterable[File], context: Context) -> dict[str, dt.datetime]:
    """Times that nbgrader or the platform wrote down, by bundle, in UTC.

    A learner's own file timestamp.txt on a platform proves nothing.
    """
    found: dict[str, dt.datetime] = {}
    for file in files:
        if file.claim.time:
            found[file.bundle] = submission_time.in_utc(file.claim.time, context.zone)
        elif context.platform.writes_timestamps and file.claim.file == TIMESTAMP and file.entry.path:
            time = timestamp_in(file.entry.path)
            found |= {file.bundle: time} if time else {}
    return found


def _identified(file: File, context: Context, times: Mapping[str, dt.datetime]) -> Copy | Unplaced:
    found = notebook_identity.of(file.path.read_bytes(), _stem(file.claim.file), context.course)
    name, who = file.entry.name, file.learner.name or file.learner.id
    if found.original is None:
        return Unplaced(name, found.reason, f"Ask {who} for the notebook that was handed out.")
    theirs = found.original.lesson
    if theirs != (file.claim.lesson or context.lesson or theirs):
        return Unplaced(
            name, f"it is a notebook of {theirs}", f"Collect it as such: autograder collect … {theirs}"
        )
    time = times.get(file.bundle) or (None if context.download_clock else file.entry.time)
    return Copy(file, found.original, time, found.note)


def _newest_of_each(copies: Iterable[Copy]) -> list[Copy]:
    newest: dict[str, Copy] = {}
    for copy in sorted(copies, key=age):
        newest[copy.original.notebook] = copy
    return list(newest.values())


def _submission(chosen: Sequence[Copy], count: int, beside: Iterable[File], arrival: Arrival) -> Submission:
    """The submission of the copies `chosen` from `count`, with what was handed in beside them."""
    files = {f"{copy.original.notebook}.ipynb": copy.file.path for copy in chosen}
    notes = [copy.note for copy in chosen if copy.note]
    if count > len(chosen):
        notes.append(f"the newest of {count}: {PurePosixPath(chosen[-1].file.claim.file).name}")
    notes += _add_companions(files, beside)
    notes += [arrival.note] if arrival.note else []
    last = max(chosen, key=age)
    return Submission(last.file.learner, last.original.lesson, files, arrival, tuple(notes))


def _arrival(lesson: str, file: File, context: Context, times: Mapping[str, dt.datetime]) -> Arrival:
    due, clock = context.due.get(lesson), file.entry.time
    if time := times.get(file.bundle):
        return submission_time.by_platform(time, due, clock)
    person = context.participants.get(file.claim.participant)
    if person and person.time:
        return submission_time.by_list(person, context.platform, due, clock)
    download = context.platform if context.download_clock else None
    return submission_time.by_clock(clock, file.claim.late, due, download)


def _add_companions(files: dict[str, Path], companions: Iterable[File]) -> list[str]:
    """Add files that were handed in beside the notebooks, where names and sizes allow it; returns notes."""
    left_out = []
    taken = {name.casefold() for name in files}
    size = sum(path.stat().st_size for path in files.values())
    for file in companions:
        name, path = file.claim.file, file.path
        if name == TIMESTAMP:
            continue
        size += path.stat().st_size
        parts = PurePosixPath(name).parts
        if any(map(unusable, parts)) or name.casefold() in taken or size > LARGEST_SUBMISSION:
            left_out.append(parts[-1])
            size -= path.stat().st_size
            continue
        taken.add(name.casefold())
        files["/".join(parts)] = path
    return [f"left out: {', '.join(left_out[:3])}{' …' * (len(left_out) > 3)}"] if left_out else []


def _without_notebook(files: Sequence[File]) -> Unplaced:
    first = files[0]
    names = [PurePosixPath(file.claim.file).name for file in files]
    there = ", ".join(names[:3]) + " …" * (len(names) > 3)
    who = first.learner.name or first.learner.id
    return Unplaced(first.claim.bundle, f"no notebook; it holds {there}", f"Ask {who} for the .ipynb file.")


def _remedy(file: File) -> str:
    if "archive" in file.entry.refused:
        return f"Unpack it into a folder called {file.learner.id}, and collect the folder that holds it."
    who = file.learner.name or file.learner.id
    return f"Ask {who} for the notebook alone, with its outputs cleared."


def _stem(name: str) -> str:
    match = _NOTEBOOK.fullmatch(PurePosixPath(name).name)
    return match["stem"] if match else PurePosixPath(name).stem
