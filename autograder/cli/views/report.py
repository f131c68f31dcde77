"""A class report for a terminal: wrong ideas to speak of, and lines for the author to paste."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograder.classroom.analysis.answer_clusters import Cluster
from autograder.classroom.analysis.class_report import LessonReport, TermReport
from autograder.core.messages import counted
from autograder.rendering import untrusted_text


def lesson_lines(report: LessonReport) -> list[str]:
    """The report of one lesson."""
    graded = report.graded
    lines = [f"{graded.title}: {len(graded.handed_in)} handed in, median {report.median:.0%}"]
    for idea in report.misconceptions[:5]:
        holders = f"{len(idea.holders)} of {idea.attempted}"
        lines.append(f"  {idea.exercise}, {idea.name} ({holders}): {idea.monday}")
    return [*lines, *_to_paste(report.clusters), ""]


def term_lines(report: TermReport) -> list[str]:
    """The report of all graded lessons."""
    lines = []
    for one in report.shared[:8]:
        where = f"{counted(one.times, 'answer')} in {counted(len(one.places), 'exercise')}"
        lines.append(f"{counted(len(one.holders), 'learner'):>13}  {one.name}: {where}")
    lines += _to_paste(report.clusters)
    return [*lines, ""] if lines else []


def _to_paste(clusters: Iterable[Cluster]) -> Iterator[str]:
    """The next mistakes to write, as an author pastes them."""
    pasted = [cluster for cluster in clusters if cluster.lines]
    if pasted:
        yield from ("", "Unknown wrong values. To paste, then to name, build and verify:")
    for cluster in pasted[:10]:
        fits = f", which fits {cluster.relation}" if cluster.relation else ""
        yield from ("", f"  {len(cluster.holders)} learners{fits}; below {cluster.paste_after}:")
        yield from (f"    {untrusted_text.shown(line)}" for line in cluster.lines.splitlines())
