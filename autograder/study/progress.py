"""`progress`: what is done, what was tried, which cards are due, and what to do next."""

from __future__ import annotations

import html
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.core.errors import CannotCheck, CourseError
from autograder.core.messages import counted
from autograder.core.model import Lesson
from autograder.core.verdict import Kind
from autograder.study import installed_lessons, learner_log, schedule
from autograder.study.check import show

DONE, TRIED, UNTOUCHED = "done", "tried", "untouched"
SIGNS = {DONE: "●", TRIED: "◐", UNTOUCHED: "○"}


@dataclass(frozen=True)
class State:
    """How far a learner is in one lesson: a state by exercise, points, and how many cards are due."""

    lesson: Lesson
    exercises: dict[str, str]
    due: int

    @property
    def points(self) -> float:
        """The points of the exercises that are done."""
        return sum(self.lesson.exercises[id].points for id, state in self.exercises.items() if state == DONE)

    @property
    def possible(self) -> float:
        """The points of all exercises that are not optional."""
        return sum(one.points for one in self.lesson.exercises.values() if not one.optional)

    def count(self, state: str) -> int:
        """How many exercises stand so."""
        return list(self.exercises.values()).count(state)


def progress(lessons: str = "") -> None:
    """Show what is done, tried and due in this lesson, or with ``progress("all")`` in all, and what is next.

    Raises CannotCheck, shown as one line, where there is no lesson or no such choice.
    """
    try:
        here = installed_lessons.here()
    except CourseError as error:
        raise CannotCheck("progress cannot-check:no-lesson", f"Cannot show progress: {error}") from None
    if lessons not in ("", "all"):
        line = f'No progress for {lessons!r}. Write progress() for this lesson or progress("all") for all.'
        raise CannotCheck("progress cannot-check:lessons", line)
    path = learner_log.place(Path.cwd())
    kept = learner_log.read(path)
    found = installed_lessons.every() if lessons == "all" else [here]
    states = [state_of(lesson, kept.events, datetime.now(UTC)) for lesson in found]
    text = table(states) if lessons == "all" else exercises(states[0])
    parts = [kept.said, text, f"**Next:** {next_step(states, here)}", _where(path)]
    show("\n\n".join(filter(None, parts)), picture(states))


def _where(path: Path) -> str:
    if sys.platform == "emscripten":  # Python in a browser, whose files no other page and no machine sees
        kept = f"`{path.name}`, which this browser keeps for this site alone"
        return f"This is read from {kept}. Delete that file in the list of files to start afresh."
    return f"This is read from `{path}` on this machine. Delete that file to start afresh."


def state_of(lesson: Lesson, events: Sequence[learner_log.Event], now: datetime) -> State:
    """The state of a lesson.

    Args:
        lesson: The lesson.
        events: What the learner did in all lessons, in the order of time.
        now: When cards are due or not.
    """
    states = dict.fromkeys(lesson.exercises, UNTOUCHED)
    for event in events:
        if isinstance(event, learner_log.Attempt) and event.lesson == lesson.id and event.exercise in states:
            # What was once right stays done, also when the cell was played with later.
            done = event.outcome.kind is Kind.RIGHT or states[event.exercise] == DONE
            states[event.exercise] = DONE if done else TRIED
    return State(lesson, states, len(schedule.due(lesson.cards, events, now)))


def table(states: Sequence[State]) -> str:
    """A row a lesson, as Markdown."""
    lines = ["| lesson | exercises | points | done | tried | cards due |", "|---|---|---:|---:|---:|---:|"]
    for state in states:
        marks = "".join(SIGNS[one] for one in state.exercises.values())
        number = int(state.lesson.id[:2])
        lines.append(
            f"| {number}. {state.lesson.title} | {marks} | {state.points:g} of {state.possible:g}"
            f" | {state.count(DONE)} | {state.count(TRIED)} | {state.due} |"
        )
    return "\n".join([*lines, "", f"{SIGNS[DONE]} done, {SIGNS[TRIED]} tried, {SIGNS[UNTOUCHED]} untouched"])


def exercises(state: State) -> str:
    """A row an exercise, as Markdown."""
    lines = ["| exercise | points | |", "|---|---:|---|"]
    for id, one in state.exercises.items():
        points = f"{state.lesson.exercises[id].points:g}"
        optional = " (optional)" * state.lesson.exercises[id].optional
        lines.append(f"| `{id}`{optional} | {points} | {SIGNS[one]} {one} |")
    cards = f"{state.due} of {len(state.lesson.cards)} cards due."
    return "\n".join([*lines, "", f"{state.points:g} of {state.possible:g} points. {cards}"])


def next_step(states: Sequence[State], here: Lesson) -> str:
    """One sentence: a tried exercise first, then an untouched one, then cards, then another lesson."""
    for wanted, words in ((TRIED, "try {} again; hint({}) helps"), (UNTOUCHED, "work {}; hint({}) is there")):
        for state in sorted(states, key=lambda state: state.lesson.id != here.id):
            begun = state.lesson.id == here.id or any(one != UNTOUCHED for one in state.exercises.values())
            open_ones = [
                id
                for id, one in state.exercises.items()
                if one == wanted and not state.lesson.exercises[id].optional
            ]
            if begun and open_ones:
                there = "" if state.lesson.id == here.id else f" in lesson {int(state.lesson.id[:2])}"
                return words.format(f"`{open_ones[0]}`{there}", f'"{open_ones[0]}"') + "."
    due = sum(state.due for state in states)
    if due:
        call = 'review("all")' if len(states) > 1 else "review()"
        return f"{counted(due, 'card')} to review: run `{call}`."
    untouched = [state for state in states if not state.count(DONE) and not state.count(TRIED)]
    if untouched:
        lesson = untouched[0].lesson
        return f"open lesson {int(lesson.id[:2])}, {lesson.title}."
    return "nothing is open. Come back when cards are due."


def picture(states: Sequence[State]) -> str:
    """A bar a lesson as SVG: done, tried, untouched. Told by hatch and words as well as by color."""
    width, high = 360, 22
    rows = []
    for row, state in enumerate(states):
        total, left = max(len(state.exercises), 1), 150.0
        y = 8 + row * high
        rows.append(f'<text x="142" y="{y + 11}" text-anchor="end">lesson {int(state.lesson.id[:2])}</text>')
        for kind, fill in ((DONE, "#0072B2"), (TRIED, "url(#tried)"), (UNTOUCHED, "none")):
            length = width * state.count(kind) / total
            if length:
                rows.append(
                    f'<rect x="{left:.1f}" y="{y}" width="{length:.1f}" height="14" fill="{fill}"'
                    ' stroke="#767676"/>'
                )
            left += length
        rows.append(f'<text x="{left + 8:.0f}" y="{y + 11}">{state.count(DONE)} of {total} done</text>')
    height = 8 + len(states) * high
    words = "; ".join(
        f"lesson {int(one.lesson.id[:2])}: {one.count(DONE)} done, {one.count(TRIED)} tried,"
        f" {one.count(UNTOUCHED)} untouched"
        for one in states
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="620" height="{height}" role="img"'
        f' aria-label="{html.escape(words)}" font-family="sans-serif" font-size="12" fill="#767676">'
        '<defs><pattern id="tried" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect width="3" height="6" fill="#D55E00"/></pattern></defs>'
        f"<title>{html.escape(words)}</title>{''.join(rows)}</svg>"
    )
