"""Plots of a report as inline SVG: no script, no style attribute, a text alternative for each.

Colors and patterns are classes of the page's style sheet, so that a plot follows light and dark and is told
apart in grey. Every label is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH = 720
_LABELS = 268  # where the plots begin, right of the labels
_END = 40  # room for a number at the right
_ROW = 26
_LONGEST = 36  # characters of a label that fit
KINDS: Mapping[str, str] = {
    "right": "right",
    "named": "a known wrong idea",
    "unexplained": "wrong, idea unknown",
    "stopped": "stopped with an error",
    "blank": "not attempted",
}
"""What an answer can be, in the order of a stacked bar."""


@dataclass(frozen=True)
class Bar:
    """One row of a bar chart: `value` of `of`, in learners."""

    label: str
    value: int
    of: int


@dataclass(frozen=True)
class Stack:
    """One row of a stacked bar: learners by kind (`KINDS`)."""

    label: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Dot:
    """One row of a dot plot: a value with its interval; None where it is not known, `why` says why."""

    label: str
    value: float | None
    interval: tuple[float, float] | None = None
    why: str = ""


@dataclass(frozen=True)
class Spread:
    """One row of a spread plot: the five numbers least, lower quartile, median, upper quartile, most."""

    label: str
    five: tuple[float, float, float, float, float]


def bars(what: str, rows: Sequence[Bar]) -> Markup:
    """How many learners, row by row."""
    top = max((row.of for row in rows), default=1) or 1
    said = "; ".join(f"{row.label}: {row.value} of {row.of}" for row in rows)
    parts = []
    for number, row in enumerate(rows):
        y, wide = _y(number), _span(row.value / top)
        parts.append(_label(row.label, y))
        parts.append(_rect("track", _LABELS, y, _span(row.of / top)))
        parts.append(_rect("named", _LABELS, y, wide))
        parts.append(_text("count", _LABELS + _span(row.of / top) + 8, y, str(row.value)))
    return _svg(f"Bar chart, {what}. {said}.", _y(len(rows)), parts)


def stacks(what: str, rows: Sequence[Stack]) -> Markup:
    """What became of an answer, row by row, as shares of the class."""
    said = "; ".join(
        f"{row.label}: "
        + ", ".join(f"{row.counts[kind]} {KINDS[kind]}" for kind in KINDS if row.counts[kind])
        for row in rows
    )
    parts = []
    for number, row in enumerate(rows):
        y, x = _y(number), float(_LABELS)
        parts.append(_label(row.label, y))
        total = sum(row.counts.values()) or 1
        for kind in KINDS:
            wide = _span(row.counts[kind] / total)
            if row.counts[kind]:
                parts.append(_rect(kind, x, y, max(0.0, wide - 1)))
            x += wide
        parts.append(_text("count", x + 8, y, f"{row.counts['right'] / total:.0%}"))
    return _svg(f"Stacked bars, {what}. {said}.", _y(len(rows)), parts)


def dots(what: str, rows: Sequence[Dot]) -> Markup:
    """Correlations from -1 to 1 with their intervals, row by row."""
    bottom = _y(len(rows))
    parts = [*_axis([(-1, "−1"), (-0.5, "−0.5"), (0, "0"), (0.5, "0.5"), (1, "1")], -1, 1, bottom)]
    said = []
    for number, row in enumerate(rows):
        y = _y(number) + _ROW / 2 - 2
        parts.append(_label(row.label, _y(number)))
        if row.value is None:
            said.append(f"{row.label}: {row.why}")
            parts.append(_text("count quiet", _LABELS + 4, _y(number), f"not known: {row.why}"))
            continue
        said.append(f"{row.label}: {row.value:.2f}")
        if row.interval:
            low, high = (_at(end, -1, 1) for end in row.interval)
            parts.append(
                Markup('<line class="whisker" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                    low, high, y, y
                )
            )
        parts.append(
            Markup('<circle class="dot" cx="{:.1f}" cy="{}" r="5"/>').format(_at(row.value, -1, 1), y)
        )
    return _svg(f"Dot plot, {what}. {'; '.join(said)}.", bottom + 24, parts)


def spreads(what: str, rows: Sequence[Spread]) -> Markup:
    """Five numbers from 0 to 1 each, row by row: a line from least to most, a box, the median's stroke."""
    bottom = _y(len(rows))
    parts = [*_axis([(0, "0"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1, "100%")], 0, 1, bottom)]
    for number, row in enumerate(rows):
        y = _y(number)
        least, lower, median, upper, most = (_at(value, 0, 1) for value in row.five)
        middle = y + _ROW / 2 - 2
        parts.append(_label(row.label, y))
        parts.append(
            Markup('<line class="whisker" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                least, most, middle, middle
            )
        )
        parts.append(_rect("box", lower, y, max(1.0, upper - lower)))
        parts.append(
            Markup('<line class="median" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
                median, median, y, y + _ROW - 5
            )
        )
    said = "; ".join(
        f"{row.label}: median {row.five[2]:.0%}, half of them from {row.five[1]:.0%} to {row.five[3]:.0%}"
        for row in rows
    )
    return _svg(f"Spread, {what}. {said}.", bottom + 24, parts)


def histogram(what: str, counts: Sequence[int]) -> Markup:
    """How many learners have which share of the points; equal steps from 0 to 1."""
    height, top, step = 150, max(max(counts, default=0), 1), (WIDTH - 40) / max(len(counts), 1)
    parts = []
    said = []
    for number, count in enumerate(counts):
        x, tall = 20 + number * step, count / top * (height - 40)
        low, high = number / len(counts), (number + 1) / len(counts)
        said.append(f"{low:.0%} to {high:.0%}: {count}")
        parts.append(
            Markup(
                '<rect class="right" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>'
            ).format(x + 2, height - 20 - tall, step - 4, tall)
        )
        if count:
            parts.append(
                Markup('<text class="count" text-anchor="middle" x="{:.1f}" y="{:.1f}">{}</text>').format(
                    x + step / 2, height - 25 - tall, count
                )
            )
        parts.append(_tick(x, height - 4, f"{low:.0%}"))
    parts.append(_tick(20 + len(counts) * step, height - 4, "100%"))
    parts.append(
        Markup('<line class="axis" x1="20" x2="{}" y1="{}" y2="{}"/>').format(
            WIDTH - 20, height - 20, height - 20
        )
    )
    return _svg(f"Histogram, {what}. {'; '.join(said)}.", height + 4, parts)


def _svg(alternative: str, height: float, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="plot" viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, height + 4, alternative, Markup("").join(parts)
    )


def _y(row: int) -> int:
    return 4 + row * _ROW


def _span(share: float) -> float:
    return share * (WIDTH - _LABELS - _END)


def _at(value: float, low: float, high: float) -> float:
    return _LABELS + _span((value - low) / (high - low))


def _axis(marks: Sequence[tuple[float, str]], low: float, high: float, bottom: float) -> list[Markup]:
    made = []
    for value, words in marks:
        x = _at(value, low, high)
        made.append(
            Markup('<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="2" y2="{1}"/>').format(x, bottom)
        )
        made.append(_tick(x, bottom + 16, words))
    return made


def _tick(x: float, y: float, words: str) -> Markup:
    return Markup('<text class="tick" text-anchor="middle" x="{:.1f}" y="{}">{}</text>').format(x, y, words)


def _rect(kind: str, x: float, y: float, wide: float) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}" rx="2"/>').format(
        kind, x, y, wide, _ROW - 5
    )


def _label(words: str, y: float) -> Markup:
    short = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    return Markup('<text class="label" text-anchor="end" x="{}" y="{}">{}</text>').format(
        _LABELS - 10, y + 15, short
    )


def _text(kind: str, x: float, y: float, words: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{}">{}</text>').format(kind, x, y + 15, words)
