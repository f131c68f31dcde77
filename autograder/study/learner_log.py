"""The learner's diary: what they tried and which cards they reviewed, a line each, in a file that is theirs.

The file lies beside the lessons' folders and is only ever appended to, so two notebooks that write at
once lose nothing. It is never sent anywhere; delete it to start afresh.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.core.verdict import Outcome

FILE = "my-progress.jsonl"
PLACE = "AUTOGRADER_DIARY"
"""This environment variable names another file."""


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
class Diary:
    """The events in the order of time, and a line for the learner where the file was damaged."""

    events: tuple[Event, ...]
    said: str = ""


def place(lesson_folder: Path) -> Path:
    """Where the diary of a lesson's folder lies: beside the folders of all lessons."""
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
    line = json.dumps(_to_json(event), ensure_ascii=False) + "\n"
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o644)
    try:
        size = os.lseek(handle, 0, os.SEEK_END)
        if size:
            os.lseek(handle, -1, os.SEEK_END)
            # A line that was cut off (a full disk, a pulled plug) must not take this one along.
            line = line if os.read(handle, 1) == b"\n" else "\n" + line
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def read(path: Path) -> Diary:
    """The diary in a file; empty where there is none.

    A damaged file is kept aside under another name. What could be read of it starts the new one.
    """
    try:
        data, before = path.read_bytes(), path.stat()
    except FileNotFoundError:
        return Diary(())
    except OSError as error:
        return Diary((), f"Your progress in {path} cannot be read ({error.strerror}).")
    events, damaged = [], 0
    for line in data.split(b"\n"):
        if not line.strip():
            continue
        try:
            events.append(_from_json(json.loads(line)))
        except (ValueError, LookupError, TypeError):
            damaged += 1
    events.sort(key=lambda event: event.at)
    if not damaged:
        return Diary(tuple(events))
    return Diary(tuple(events), _set_aside(path, before, events, damaged))


def _set_aside(path: Path, before: os.stat_result, events: list[Event], damaged: int) -> str:
    lines = f"{damaged} line{'s' * (damaged > 1)}"
    names = (path.with_name(f"{path.stem}.damaged-{n}.jsonl") for n in itertools.count(1))
    aside = next(name for name in names if not name.exists())
    try:
        now = path.stat()
        if (now.st_ino, now.st_size) != (before.st_ino, before.st_size):
            return f"{path.name} changed while it was read. Run the cell again."
        path.rename(aside)
        for event in events:
            append(path, event)
    except OSError as error:
        return f"{path.name} has {lines} that cannot be read, and cannot be mended ({error.strerror})."
    kept = f"{len(events)} entries were kept" if events else "You start afresh"
    return f"{path.name} had {lines} that cannot be read. {kept}; the old file is {aside.name}."


def _to_json(event: Event) -> dict[str, Any]:
    at = event.at.isoformat(timespec="milliseconds")
    if isinstance(event, Review):
        return {"at": at, "what": "review", "card": event.card, "rating": event.rating}
    return {
        "at": at,
        "what": "check",
        "lesson": event.lesson,
        "exercise": event.exercise,
        "verdict": event.verdict,
    }


def _from_json(data: Mapping[str, Any]) -> Event:
    at = datetime.fromisoformat(data["at"])
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    if data["what"] == "review":
        if data["rating"] not in (1, 2, 3, 4):
            raise ValueError("a rating is 1, 2, 3 or 4")
        return Review(at, str(data["card"]), int(data["rating"]))
    if data["what"] == "check":
        return Attempt(at, str(data["lesson"]), str(data["exercise"]), str(data["verdict"]))
    raise ValueError("neither a check nor a review")
