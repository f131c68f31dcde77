"""All that one learner handed in -> one submission a lesson: the newest of each notebook, and its files."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.classroom.collecting import notebook_identity, submission_time
from autograder.classroom.collecting.notebook_identity import Known
from autograder.classroom.collecting.placement import STAMP, Submission
from autograder.classroom.collecting.submission_time import Arrival
from autograder.classroom.collecting.unpack import Entry
from autograder.classroom.lms.download_layouts import EXCHANGE, NBGRADER, Claim, copy_number
from autograder.classroom.lms.moodle_worksheet import Participant
from autograder.classroom.roster.roster import Learner, unusable
from autograder.grading.gradebook.submitted_files import LARGEST_SUBMISSION

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


@dataclass(frozen=True)
class Copy:
    """A copy of a notebook of the course. `time` is None where it says nothing of the order."""

    file: File
    known: Known
    time: dt.datetime | None
    note: str

    @property
    def age(self) -> tuple[int, dt.datetime, int, dt.datetime, str]:
        """Larger for what was handed in later: by the platform's count, the time, the browser's count."""
        claim, clock = self.file.claim, self.file.entry.time
        return (
            claim.attempt,
            self.time or _LONG_AGO,
            copy_number(_stem(claim.file)),
            clock or _LONG_AGO,
            claim.file,
        )


@dataclass(frozen=True)
class Clerk:
    """Sorts one learner's files after another.

    `lesson` is the one that is collected, '' for all; `due` are due dates in UTC by lesson; `sheet` is
    Moodle's worksheet; `download_clock` says that the files' clocks are those of the download.
    """

    course: tuple[Known, ...]
    lesson: str
    due: Mapping[str, dt.datetime | None]
    sheet: Mapping[str, Participant]
    download_clock: bool

    def submissions(self, files: Sequence[File]) -> tuple[list[Submission], list[Unplaced]]:
        """What one learner's files come to, and those of them that found no place."""
        wanted = [file for file in files if self.lesson in ("", file.claim.lesson or self.lesson)]
        stamps = _stamps(wanted)
        copies: dict[str, list[Copy]] = defaultdict(list)
        others: dict[str, list[File]] = defaultdict(list)
        problems = []
        for file in wanted:
            if file.entry.refused:
                problems.append(Unplaced(file.entry.name, file.entry.refused, _remedy(file)))
            elif not _NOTEBOOK.fullmatch(file.claim.file):
                others[file.claim.bundle].append(file)
            elif isinstance(found := self._copy(file, stamps), Unplaced):
                problems.append(found)
            else:
                copies[found.known.lesson].append(found)
        if not copies and not problems and (there := [file for group in others.values() for file in group]):
            problems.append(_without_notebook(there))
        return [self._submission(lesson, found, others, stamps) for lesson, found in copies.items()], problems

    def _copy(self, file: File, stamps: Mapping[str, dt.datetime]) -> Copy | Unplaced:
        assert file.entry.path
        found = notebook_identity.of(file.entry.path.read_bytes(), _stem(file.claim.file), self.course)
        name, who = file.entry.name, file.learner.name or file.learner.id
        if found.known is None:
            return Unplaced(name, found.reason, f"Ask {who} for the notebook that was handed out.")
        theirs = found.known.lesson
        if theirs != (file.claim.lesson or self.lesson or theirs):
            return Unplaced(
                name, f"it is a notebook of {theirs}", f"Collect it as such: autograder collect … {theirs}"
            )
        time = stamps.get(file.claim.bundle) or (None if self.download_clock else file.entry.time)
        return Copy(file, found.known, time, found.note)

    def _submission(
        self,
        lesson: str,
        copies: Sequence[Copy],
        others: Mapping[str, Sequence[File]],
        stamps: Mapping[str, dt.datetime],
    ) -> Submission:
        newest: dict[str, Copy] = {}
        for copy in sorted(copies, key=lambda one: one.age):
            newest[copy.known.notebook] = copy
        chosen = list(newest.values())
        files = {f"{copy.known.notebook}.ipynb": _path(copy.file) for copy in chosen}
        notes = [copy.note for copy in chosen if copy.note]
        if len(copies) > len(chosen):
            notes.append(f"the newest of {len(copies)}: {PurePosixPath(chosen[-1].file.claim.file).name}")
        bundles = dict.fromkeys(copy.file.claim.bundle for copy in chosen)
        notes += _add_companions(files, [file for bundle in bundles for file in others.get(bundle, ())])
        last = max(chosen, key=lambda one: one.age).file
        came = self._arrival(lesson, last, stamps)
        notes += [came.note] if came.note else []
        return Submission(last.learner, lesson, files, came, tuple(notes))

    def _arrival(self, lesson: str, file: File, stamps: Mapping[str, dt.datetime]) -> Arrival:
        due, clock = self.due.get(lesson), file.entry.time
        if stamp := stamps.get(file.claim.bundle):
            return Arrival(stamp, exact=True, late=bool(due and stamp > due), clock=clock)
        person = self.sheet.get(file.claim.participant)
        if person and person.time:
            return submission_time.on_sheet(person.time, person.late, due, clock)
        return submission_time.judged(clock, file.claim.late, due, self.download_clock)


def _stamps(files: Iterable[File]) -> dict[str, dt.datetime]:
    """nbgrader's own timestamps, by bundle. A learner's file of that name on a platform proves nothing."""
    found = {}
    for file in files:
        if file.claim.layout in (NBGRADER, EXCHANGE) and file.claim.file == STAMP and file.entry.path:
            time = submission_time.read(file.entry.path)
            if time:
                found[file.claim.bundle] = time
    return found


def _add_companions(files: dict[str, Path], companions: Iterable[File]) -> list[str]:
    """Add what was handed in beside the notebooks, as far as it may stand there; returns notes."""
    left_out = []
    taken = {name.casefold() for name in files}
    size = sum(path.stat().st_size for path in files.values())
    for file in companions:
        name, path = file.claim.file, _path(file)
        if name == STAMP:
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


def _path(file: File) -> Path:
    assert file.entry.path  # what was refused was sorted out before
    return file.entry.path
