"""What came in, and who is in the class, as tables before somebody's eyes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.classroom.collecting.collect import Collected
from autograder.classroom.collecting.placement import Outcome, Placement
from autograder.classroom.roster.roster import Learner
from autograder.grading.gradebook.submitted_files import shown

_WRITTEN = (Outcome.NEW, Outcome.REPLACED, Outcome.RETIMED)


def show(collected: Collected, dry_run: bool) -> None:
    """Print who was placed, what was not and what to do about it, and who is missing."""
    console = Console(highlight=False)
    if collected.placed:
        console.print(_placed(collected.placed))
    if collected.unplaced:
        table = _table("Not placed", "what", "why", "what to do")
        for one in collected.unplaced:
            table.add_row(*map(Text, map(_line, (one.name[-90:], one.reason, one.remedy))), style="yellow")
        console.print(table)
    for lesson, people in collected.missing.items():
        if people:
            console.print(Text(f"No submission of {lesson}: {', '.join(shown(one.id) for one in people)}"))
    counts = Counter(one.outcome for one in collected.placed)
    parts = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    parts += [f"{len(collected.unplaced)} not placed"] if collected.unplaced else []
    console.print(Text(f"Read as {collected.platform.name}: {', '.join(parts) or 'nothing'}."))
    if collected.download_clock and collected.platform.download_clock and collected.placed:
        console.print(Text(collected.platform.download_clock.advice))
    if dry_run:
        console.print("Nothing was written.")
    elif any(counts[outcome] for outcome in _WRITTEN):
        lessons = sorted({one.lesson for one in collected.placed})
        console.print(Text("Next: " + ", ".join(f"autograder grade {lesson[:2]}" for lesson in lessons)))


def show_roster(learners: Sequence[Learner]) -> None:
    """Print the class."""
    console = Console(highlight=False)
    table = _table(f"{len(learners)} learners", "id", "name", "email", "platform's number")
    for one in learners:
        table.add_row(*map(Text, map(shown, (one.id, one.name, one.email, one.lms_id))))
    console.print(table)
    if not learners:
        console.print("Next: autograder roster import FILE")


def _placed(placed: Sequence[Placement]) -> Table:
    table = _table("", "student", "lesson", "handed in (UTC)", "", "remarks")
    for one in placed:
        arrival = one.arrival
        when = f"{arrival.time:%Y-%m-%d %H:%M}" if arrival.time else "not known"
        style = "yellow" if one.outcome in (Outcome.UNCERTAIN, Outcome.REFUSED) else ""
        remarks = "; ".join((*(["late"] if arrival.late and not arrival.note else []), *one.notes))
        cells = (shown(one.learner.id), one.lesson, when, str(one.outcome), _line(remarks))
        table.add_row(*map(Text, cells), style=style)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _line(text: str) -> str:
    """A text as one line that cannot play with the terminal."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
