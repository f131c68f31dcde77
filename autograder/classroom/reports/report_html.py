"""A report as one HTML file: no script, no address, every string of a learner escaped."""

from __future__ import annotations

import base64
import hashlib
import statistics
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from markupsafe import Markup

from autograder.classroom.analysis import early_alerts, item_analysis, similarity
from autograder.classroom.analysis.class_report import LessonReport, TermReport, by_learner
from autograder.classroom.analysis.item_analysis import Item
from autograder.classroom.reports.pseudonyms import Labels
from autograder.core.messages import counted
from autograder.rendering import svg_charts, untrusted_text
from autograder.rendering.inline_markdown import to_html
from autograder.rendering.palette import BLUE, GOLD, GREEN, ORANGE, PINK, SKY

if TYPE_CHECKING:
    import jinja2

MOST_IDEAS = 12
"""Rows of the plot of wrong ideas; the table beside it has all."""
_STEPS = 10  # of the histogram


def lesson_page(report: LessonReport, labels: Labels) -> str:
    """The page of one lesson."""
    held = report.misconceptions[:MOST_IDEAS]
    steps = [0] * _STEPS
    for share in report.shares:
        steps[min(_STEPS - 1, int(share * _STEPS))] += 1
    return _render(
        "report_lesson.html.j2",
        report=report,
        who=labels,
        anonymous=labels.numbers is not None,
        ideas_plot=svg_charts.bars(
            "learners who hold each wrong idea, of those who attempted the exercise",
            [svg_charts.Bar(f"{one.exercise}: {one.name}", len(one.holders), one.attempted) for one in held],
        ),
        outcomes_plot=svg_charts.stacks(
            "what became of each exercise, and the share that is right",
            [svg_charts.Stack(one.exercise, _counts(one)) for one in report.items],
        ),
        discrimination_plot=svg_charts.dots(
            "item-rest correlation of each exercise with its 95% interval",
            [
                svg_charts.Dot(one.exercise, one.discrimination, one.discrimination_interval, one.why)
                for one in report.items
            ],
        ),
        points_plot=svg_charts.histogram("learners by their share of the points", steps),
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
        ideas_plot=svg_charts.bars(
            "learners who held each wrong idea at least once in the term",
            [svg_charts.Bar(one.name, len(one.holders), len(people)) for one in held],
        ),
        points_plot=svg_charts.spreads(
            "shares of the points, lesson by lesson",
            [svg_charts.Spread(one.graded.assignment[:2], five(one.shares)) for one in report.lessons],
        ),
        fives=[five(one.shares) for one in report.lessons],
        odd=[
            (one.graded, item, words)
            for one in report.lessons
            for item in one.items
            if (words := remark(item))
        ],
        seen=by_learner(report.alerts),
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
    return {kind: getattr(item, kind) for kind in svg_charts.KINDS}


def _by_kind(report: LessonReport) -> list[tuple[str, list[early_alerts.Alert]]]:
    found: dict[str, list[early_alerts.Alert]] = {}
    for alert in report.alerts:
        found.setdefault(alert.kind, []).append(alert)
    return [(early_alerts.ALERTS[kind], those) for kind, those in found.items()]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _shown(text: str) -> str:
    return untrusted_text.shown(text if len(text) <= 200 else f"{text[:199]}…")


def _render(name: str, **names: object) -> str:
    return str(_templates().get_template(name).render(**names))


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    files = resources.files("autograder.classroom.reports")

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
        kinds=svg_charts.KINDS,
        counted=counted,
        remark=remark,
        warning=similarity.WARNING,
        most=MOST_IDEAS,
        fewest=item_analysis.FEWEST,
        fall=early_alerts.FALL,
    )
    return made
