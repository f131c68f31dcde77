"""Grading a class before somebody's eyes: progress while it runs, a table and grades.csv at its end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.authoring.course import one_of
from autograder.core.errors import CourseError
from autograder.core.exercise import Outcome
from autograder.grading import stock
from autograder.grading.results import Result


def grade_and_show(
    root: Path,
    prefix: str,
    students: Sequence[str],
    force: bool,
    timeout: int | None,
    due: dt.datetime | None = None,
) -> int:
    """Grade, print the table, write grades.csv; returns the exit code (0: every submission was graded,
    or has its reason in the table). Raises CourseError where there is nothing to grade."""
    classroom = stock.Classroom(root, timeout)
    assignment = one_of(classroom.assignments(), prefix, "assignment in source/")
    here = classroom.students(assignment)
    if not here:
        raise CourseError(
            f"nobody submitted {assignment}: put each notebook at"
            f" submitted/<student>/{assignment}/{assignment}.ipynb"
        )
    for student in students:
        if student not in here:
            raise CourseError(f"{student!r} did not submit {assignment}. Who did: {', '.join(here)}")
    if due:
        with classroom.gradebook() as gradebook:
            gradebook.update_or_create_assignment(assignment, duedate=due)
    console = Console(highlight=False)
    results = []
    with Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        wanted = list(students) or here
        task = progress.add_task("", total=len(wanted))
        for result in stock.grade(classroom, assignment, wanted, force):
            results.append(result)
            progress.update(task, advance=1, description=result.student)
    show(console, assignment, results)
    stock.export(classroom, root / "grades.csv")
    console.print(f"Wrote {_near(root / 'grades.csv')} and nbgrader's {_near(root / 'gradebook.db')}.")
    return 0


def show(console: Console, assignment: str, results: Sequence[Result]) -> None:
    """Print the class: each student's points and wrong ideas, then the ideas most held."""
    table = Table(title=assignment, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("student", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("right", justify="right", no_wrap=True)
    table.add_column("wrong ideas recognized, and remarks", overflow="fold")
    for result in results:
        if result.reason:
            reason = f"could not grade, because {result.reason}"
            table.add_row(result.student, "-", "-", reason, style="yellow")
            continue
        right = sum(verdict == Outcome.RIGHT for verdict in result.verdicts.values())
        table.add_row(
            result.student,
            f"{result.score - result.penalty:g} of {result.max_score:g}",
            f"{right} of {len(result.verdicts)}",
            ", ".join(_remarks(result)),
        )
    console.print(table)
    ideas = Counter(mistake for result in results for mistake in result.mistakes)
    shared = [f"{idea} ({count})" for idea, count in ideas.most_common(5) if count > 1]
    if ideas:
        most = f" Held by several: {', '.join(shared)}." if shared else ""
        console.print(f"{len(ideas)} different wrong ideas recognized.{most}")


_ERRORS = {
    "KeyboardInterrupt": "took longer than a cell may",
    "CellTimeoutError": "took longer than a cell may",
}


def _remarks(result: Result) -> list[str]:
    remarks = list(result.mistakes)
    for exercise, verdict in result.verdicts.items():
        kind, _, name = verdict.partition(":")
        if kind == "error":
            remarks.append(f"{exercise} failed ({_ERRORS.get(name, name)})")
        elif verdict == Outcome.WRONG:
            remarks.append(f"{exercise} wrong, idea unknown")
    blank = sum(verdict == Outcome.NOT_ATTEMPTED for verdict in result.verdicts.values())
    if blank:
        remarks.append(f"{blank} not attempted")
    if result.seconds_late > 0:
        remarks.append(f"{dt.timedelta(seconds=round(result.seconds_late))} late")
    return remarks


def _near(path: Path) -> str:
    """`path` as seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
