"""The learner's log: what they tried and which cards they reviewed, a line each, in a file that is theirs.

The file lies beside the lessons' folders and is only ever appended to, so two notebooks that write at
once lose nothing. It is never sent anywhere; delete it to start afresh. Each line holds the version of its
form, since several versions of this package may write one file.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.core.messages import counted
from autograder.core.schema_versions import KEY, Data, NewerSchema, Schema, numbered
from autograder.core.verdict import Outcome

FILE = "my-progress.jsonl"
SCHEMA = Schema(upgrades=(numbered,))
"""Version 1 has no number; all else is as in version 2."""
PLACE = "AUTOGRADER_DIARY"
"""This environment variable names another file; its name is older than that of `LearnerLog`."""


@dataclass(frozen=True)
class Attempt:
    """An answer was checked. `verdict` is the text of an outcome, with an idea that its lesson names."""

    at: datetime
    lesson: str
    exercise: str
    verdict: str

    @property
    def outcome(self) -> Outcome:
        """What the check said, as the line of the file has it."""
        return Outcome.parse(self.verdict)


@dataclass(frozen=True)
class Review:
    """A card was turned over. `rating` is 1 (again), 2 (hard), 3 (good) or 4 (easy)."""

    at: datetime
    card: str
    rating: int


Event = Attempt | Review


@dataclass(frozen=True)
class LearnerLog:
    """The events in the order of time, and a line for the learner where some could not be read."""

    events: tuple[Event, ...]
    said: str = ""


def place(lesson_folder: Path) -> Path:
    """Where the log of a lesson's folder lies: beside the folders of all lessons."""
    return Path(os.environ.get(PLACE) or lesson_folder.resolve().parent / FILE)


def is_kept() -> bool:
    """Whether a learner is at work: in a notebook's kernel, and not while nbgrader runs the notebook."""
    if "NBGRADER_EXECUTION" in os.environ or "NBGRADER_VALIDATING" in os.environ:
        return False
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def append(path: Path, event: Event) -> None:
    """Write one event at the end of the file, in one step. Raises OSError where that cannot be."""
    _append_line(path, _line(event))


def _append_line(path: Path, line: bytes) -> None:
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o644)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        if size:
            os.lseek(handle, -1, os.SEEK_END)
            # A line that was cut off (a full disk, a pulled plug) must not take this one along.
            line = line if os.read(handle, 1) == b"\n" else b"\n" + line
        os.write(handle, line + b"\n")
    finally:
        os.close(handle)


def read(path: Path) -> LearnerLog:
    """The log in a file; empty where there is none.

    A damaged file is kept aside under another name. What could be read of it starts the new one, and so do
    lines that a newer version of this package wrote: they stay in the file as they are.
    """
    try:
        data, before = path.read_bytes(), path.stat()
    except FileNotFoundError:
        return LearnerLog(())
    except OSError as error:
        return LearnerLog((), f"Your progress in {path} cannot be read ({error.strerror}).")
    events, newer, damaged, said = [], [], 0, ""
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            events.append(_from_json(SCHEMA.read(json.loads(line))))
        except NewerSchema as error:
            newer.append(line)
            said = _newer(path, len(newer), error)
        except (ValueError, LookupError, TypeError):
            damaged += 1
    events.sort(key=lambda event: event.at)
    if damaged:
        lines = [*map(_line, events), *newer]
        said = f"{_set_aside(path, before, lines, damaged)} {said}".rstrip()
    return LearnerLog(tuple(events), said)


def _newer(path: Path, count: int, error: NewerSchema) -> str:
    lines = "1 line" if count == 1 else f"{count} lines"
    return f"{path.name} has {lines} that cannot be read here, and stay in it: what they hold {error}"


def _set_aside(path: Path, before: os.stat_result, kept: Sequence[bytes], damaged: int) -> str:
    """Rename a damaged file, and begin a new one with the lines that are kept.

    Args:
        path: The log.
        before: What the file was when it was read; another notebook may have written since.
        kept: The lines of the new file.
        damaged: How many lines are not among them.

    Returns:
        A sentence for the learner.
    """
    lines = counted(damaged, "line")
    names = (path.with_name(f"{path.stem}.damaged-{n}.jsonl") for n in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    try:
        now = path.stat()
        if (now.st_ino, now.st_size) != (before.st_ino, before.st_size):
            return f"{path.name} changed while it was read. Run the cell again."
        path.rename(aside)
        for line in kept:
            _append_line(path, line)
    except OSError as error:
        return f"{path.name} has {lines} that cannot be read, and cannot be mended ({error.strerror})."
    outcome = f"{len(kept)} entries were kept" if kept else "You start afresh"
    return f"{path.name} had {lines} that cannot be read. {outcome}; the old file is {aside.name}."


def _line(event: Event) -> bytes:
    """An event as a line of the file, without its end."""
    data: Data = {KEY: SCHEMA.version, "at": event.at.isoformat(timespec="milliseconds")}
    if isinstance(event, Review):
        data |= {"what": "review", "card": event.card, "rating": event.rating}
    else:
        data |= {
            "what": "check",
            "lesson": event.lesson,
            "exercise": event.exercise,
            "verdict": event.verdict,
        }
    return json.dumps(data, ensure_ascii=False).encode()


def _from_json(data: Data) -> Event:
    at = datetime.fromisoformat(str(data["at"]))
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    if data["what"] == "review":
        rating = data["rating"]
        if not isinstance(rating, int | float) or rating not in (1, 2, 3, 4):
            raise ValueError("a rating is 1, 2, 3 or 4")
        return Review(at, str(data["card"]), int(rating))
    if data["what"] == "check":
        return Attempt(at, str(data["lesson"]), str(data["exercise"]), str(data["verdict"]))
    raise ValueError("neither a check nor a review")
