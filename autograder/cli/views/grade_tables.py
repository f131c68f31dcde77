"""A graded class, and what grading it anew would change, as tables."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from autograder.core.verdict import RIGHT, Kind
from autograder.grading.dispatch.grade_course import AssignmentPreview, AssignmentResult
from autograder.grading.gradebook.scores import Result
from autograder.grading.gradebook.submitted_files import shown
from autograder.grading.trial.words import Row

_ERRORS = dict.fromkeys(("KeyboardInterrupt", "CellTimeoutError"), "took longer than a cell may")


def show_result(console: Console, graded: AssignmentResult) -> None:
    """Print the class: each student's points and wrong ideas, then the ideas most held."""
    table = Table(title=graded.assignment, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("right", justify="right", no_wrap=True)
    table.add_column("wrong ideas recognized, and remarks", overflow="fold")
    for result in graded.submissions:
        if result.reason:
            reason = f"could not grade, because {result.reason}"
            table.add_row(shown(result.student), "-", "-", reason, style="yellow")
            continue
        right = sum(outcome == RIGHT for outcome in result.verdicts.values())
        table.add_row(
            shown(result.student),
            f"{result.score - result.penalty:g} of {result.max_score:g}",
            f"{right} of {len(result.verdicts)}",
            ", ".join(_remarks(result)),
        )
    console.print(table)
    ideas = Counter(mistake for result in graded.submissions for mistake in result.mistakes)
    shared = [f"{idea} ({count})" for idea, count in ideas.most_common(5) if count > 1]
    if ideas:
        most = f" Held by several: {', '.join(shared)}." if shared else ""
        console.print(f"{len(ideas)} different wrong ideas recognized.{most}")


def show_preview(console: Console, previews: Sequence[AssignmentPreview]) -> None:
    """Print who would change, and by how much."""
    for preview in previews:
        title = f"{preview.assignment}: what would change"
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
        for column in ("student", "grade", "now", "then"):
            table.add_column(column)
        for student, changes in preview.changes.items():
            for change in changes:
                table.add_row(student, change.grade, _points(change.old), _points(change.new))
        if preview.changes:
            console.print(table)
    changed = sum(len(preview.changes) for preview in previews)
    count = sum(preview.submissions for preview in previews)
    console.print(f"{changed} of {count} submissions would change. Nothing was written.")


def show_tests(console: Console, assignments: Mapping[str, Sequence[Row]]) -> None:
    """Print how each test of some assignments runs, and why."""
    for assignment, rows in assignments.items():
        table = Table(title=assignment, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column("notebook", overflow="fold")
        table.add_column("test", overflow="fold")
        table.add_column("points", justify="right")
        table.add_column("your solution", justify="right")
        table.add_column("runs", overflow="fold")
        table.add_column("why", overflow="fold")
        for row in rows:
            teacher = "" if row.teacher is None else f"{row.teacher:g}"
            table.add_row(shown(row.notebook), shown(row.test), f"{row.points:g}", teacher, row.how, row.why)
        console.print(table)


def _remarks(result: Result) -> list[str]:
    remarks = list(result.mistakes)
    for exercise, outcome in result.verdicts.items():
        if outcome.kind is Kind.ERROR:
            remarks.append(f"{exercise} failed ({_ERRORS.get(outcome.error, outcome.error)})")
        elif outcome.kind is Kind.WRONG and not outcome.idea:
            remarks.append(f"{exercise} wrong, idea unknown")
    blank = sum(outcome.kind is Kind.NOT_ATTEMPTED for outcome in result.verdicts.values())
    if blank:
        remarks.append(f"{blank} not attempted")
    if result.seconds_late > 0:
        remarks.append(f"{dt.timedelta(seconds=round(result.seconds_late))} late")
    if result.needs_manual_grade:
        remarks.append("needs a person")
    return remarks + list(result.notes)


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
