"""A report as one HTML file: no script, no address, every string of a learner escaped."""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from markupsafe import Markup

from autograder.classroom import inert, items, needs, plots, similar
from autograder.classroom.items import Item
from autograder.classroom.labels import Labels
from autograder.classroom.report import LessonReport, TermReport, by_learner
from autograder.study.figures import BLUE, GOLD, GREEN, ORANGE, PINK, SKY
from autograder.study.typeset import to_html

MOST_IDEAS = 12
"""Rows of the plot of wrong ideas; the table beside it has all."""
_STEPS = 10  # of the histogram
_KINDS = {
    "blank": "Nothing in it yet",
    "fall": "Far below their own earlier lessons",
    "stopped": "Many answers stopped with an error",
    "late": "Late",
    "absent": "Nothing handed in",
    "refused": "Could not be graded",
}


def lesson_page(report: LessonReport, labels: Labels) -> str:
    """The page of one lesson."""
    held = report.ideas[:MOST_IDEAS]
    steps = [0] * _STEPS
    for share in report.shares:
        steps[min(_STEPS - 1, int(share * _STEPS))] += 1
    return _render(
        "report_lesson.html.j2",
        report=report,
        who=labels,
        anonymous=labels.numbers is not None,
        ideas_plot=plots.bars(
            "learners who hold each wrong idea, of those who attempted the exercise",
            [plots.Bar(f"{one.exercise}: {one.name}", len(one.holders), one.attempted) for one in held],
        ),
        outcomes_plot=plots.stacks(
            "what became of each exercise, and the share that is right",
            [plots.Stack(one.exercise, _counts(one)) for one in report.items],
        ),
        discrimination_plot=plots.dots(
            "item-rest correlation of each exercise with its 95% interval",
            [
                plots.Dot(one.exercise, one.discrimination, one.discrimination_interval, one.why)
                for one in report.items
            ],
        ),
        points_plot=plots.histogram("learners by their share of the points", steps),
        point_steps=[(n / _STEPS, (n + 1) / _STEPS, count) for n, count in enumerate(steps)],
        seen=_by_kind(report),
    )


def term_page(report: TermReport, labels: Labels) -> str:
    """The page of a term."""
    held = report.shared[:MOST_IDEAS]
    people = {one.student for lesson in report.lessons for one in lesson.graded.handed_in}
    return _render(
        "report_term.html.j2",
        report=report,
        who=labels,
        anonymous=labels.numbers is not None,
        people=len(people),
        ideas_plot=plots.bars(
            "learners who held each wrong idea at least once in the term",
            [plots.Bar(one.name, len(one.holders), len(people)) for one in held],
        ),
        points_plot=plots.spreads(
            "shares of the points, lesson by lesson",
            [plots.Spread(one.graded.assignment[:2], five(one.shares)) for one in report.lessons],
        ),
        fives=[five(one.shares) for one in report.lessons],
        odd=[
            (one.graded, item, words)
            for one in report.lessons
            for item in one.items
            if (words := remark(item))
        ],
        seen=by_learner(report.sights),
    )


def five(shares: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Least, lower quartile, median, upper quartile, most; quartiles as statistics.quantiles(inclusive)."""
    if len(shares) < 2:
        only = shares[0] if shares else 0.0
        return only, only, only, only, only
    lower, median, upper = statistics.quantiles(shares, n=4, method="inclusive")
    return min(shares), lower, median, upper, max(shares)


def remark(item: Item) -> str:
    """What an author may want to look at in an exercise; '' where nothing stands out."""
    found = []
    interval = item.discrimination_interval
    if interval and interval[1] < 0:
        found.append("who does well elsewhere misses it more often: read its text and its key again")
    elif interval and interval[1] < 0.2:
        found.append("it hardly tells apart who does well elsewhere")
    if item.interval and item.interval[1] < 0.4:
        found.append("hard for this class")
    wrong = item.named + item.unexplained
    if item.unexplained >= 5 and 2 * item.unexplained > wrong:
        found.append("most wrong answers have no name yet")
    if item.blank * 2 > item.learners and not item.optional:
        found.append("more than half left it blank")
    return "; ".join(found)


def _counts(item: Item) -> dict[str, int]:
    return {kind: getattr(item, kind) for kind in plots.KINDS}


def _by_kind(report: LessonReport) -> list[tuple[str, list[needs.Sight]]]:
    found: dict[str, list[needs.Sight]] = {}
    for sight in report.sights:
        found.setdefault(sight.kind, []).append(sight)
    return [(_KINDS[kind], those) for kind, those in found.items()]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _shown(text: str) -> str:
    return inert.shown(text if len(text) <= 200 else f"{text[:199]}…")


def _render(name: str, **names: Any) -> str:
    return str(_templates().get_template(name).render(**names))


@cache
def _templates() -> Any:
    import jinja2

    files = resources.files("autograder.classroom")

    def text(name: str) -> str:
        return files.joinpath(name).read_text(encoding="utf-8")

    colors = {"BLUE": BLUE, "ORANGE": ORANGE, "GREEN": GREEN, "PINK": PINK, "SKY": SKY, "GOLD": GOLD}
    style = text("report.css")
    for color, value in colors.items():
        style = style.replace(f"@{color}", value)
    # Only this style may apply: none that a learner might smuggle in, were escaping ever to fail.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        percent=_percent,
        signed=_signed,
        shown=_shown,
        md=lambda text: Markup(to_html(text)),
    )
    made.globals.update(
        style=Markup(style),
        style_hash=Markup(f"sha256-{digest}"),
        kinds=plots.KINDS,
        remark=remark,
        warning=similar.WARNING,
        most=MOST_IDEAS,
        fewest=items.FEWEST,
        fall=needs.FALL,
    )
    return made
