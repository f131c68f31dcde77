"""Grading a class before somebody's eyes: progress while it runs, a table and grades.csv at its end."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from autograder.core.errors import CourseError
from autograder.core.verdict import RIGHT, Kind
from autograder.course.course_toml import one_of
from autograder.grading.dispatch.engine import Engine, Settings, preload_for
from autograder.grading.gradebook import scores as reading
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.gradebook.grades_csv import export
from autograder.grading.gradebook.scores import Result
from autograder.grading.gradebook.submitted_files import shown

UNSAFE = (
    "WARNING: no sandbox. Students' code runs with your rights: it can read your files and your gradebook."
    " Grade only what you would run yourself."
)

ALL = "all"
"""In place of a lesson: every lesson of which somebody submitted something."""


def grade_and_show(
    root: Path,
    prefix: str,
    students: Sequence[str],
    settings: Settings,
    due: dt.datetime | None = None,
    as_json: bool = False,
) -> int:
    """Grade a lesson, or `ALL`, print the tables (or one JSON object), write grades.csv.

    Returns the exit code, which is 0 when every submission was graded or has its reason in the table. Raises
    CourseError where there is nothing to grade.
    """
    console = Console(highlight=False, stderr=as_json)
    # It warms up while nbgrader is imported.
    engine = Engine(settings, _preload(root, prefix), say=lambda line: _tell(console, line))
    try:
        classroom, wanted = _find(root, prefix, students)
        if due:
            with classroom.gradebook() as gradebook:
                for assignment in wanted:
                    gradebook.update_or_create_assignment(assignment, duedate=due)
        if settings.lowest_tier > 2:
            console.print(UNSAFE, style="bold red")
        graded = []
        for assignment, those in wanted.items():
            found = _grade(console, engine, classroom, assignment, those)
            graded.append({"assignment": assignment, "results": list(map(_plain, found))})
            if not as_json:
                show(console, assignment, found)
        if as_json:
            print(json.dumps({"assignments": graded} if prefix == ALL else graded[0]))
        export(classroom, root / "grades.csv")
        console.print(f"Wrote {_near(root / 'grades.csv')} and nbgrader's {_gradebook(classroom)}.")
    finally:
        engine.close()
    return 0


def _tell(console: Console, line: str) -> None:
    """A line of its own, whole: a log is searched for what it says."""
    console.print(line, markup=False, soft_wrap=True)


def preview(root: Path, prefix: str, students: Sequence[str], settings: Settings) -> int:
    """Print who would change, and by how much, if the class were graded now. Writes nothing."""
    console = Console(highlight=False)
    engine = Engine(settings, _preload(root, prefix), say=lambda line: _tell(console, line))
    try:
        classroom, wanted = _find(root, prefix, students)
        changed = sum(_preview(console, engine, classroom, *item) for item in wanted.items())
        count = sum(map(len, wanted.values()))
        console.print(f"{changed} of {count} submissions would change. Nothing was written.")
    finally:
        engine.close()
    return 0


def _preview(
    console: Console, engine: Engine, classroom: Classroom, assignment: str, wanted: list[str]
) -> int:
    table = Table(title=f"{assignment}: what would change", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("student", "grade", "now", "then"):
        table.add_column(column)
    changed = set()
    for student, changes in engine.preview(classroom, assignment, wanted):
        for change in changes:
            changed.add(student)
            table.add_row(student, change.grade, _points(change.old), _points(change.new))
    if changed:
        console.print(table)
    return len(changed)


def _preload(root: Path, prefix: str) -> list[str]:
    return preload_for(root, "" if prefix == ALL else prefix)


def _find(root: Path, prefix: str, students: Sequence[str]) -> tuple[Classroom, dict[str, list[str]]]:
    """The course, and who is graded in each assignment that `prefix` names."""
    classroom = Classroom(root)
    every = classroom.assignments()
    if prefix == ALL and ALL not in every:
        here = {name: found for name in every if (found := classroom.students(name))}
        if not here:
            raise CourseError(
                "nobody submitted anything: put each notebook at submitted/<student>/<lesson>/<lesson>.ipynb"
            )
    else:
        name = one_of(every, prefix, "assignment in source/")
        here = {name: classroom.students(name)}
        if not here[name]:
            raise CourseError(
                f"nobody submitted {name}: put each notebook at submitted/<student>/{name}/{name}.ipynb"
            )
    for student in students:
        if not any(student in found for found in here.values()):
            there = sorted({one for found in here.values() for one in found})
            raise CourseError(f"{student!r} did not submit {' or '.join(here)}. Who did: {', '.join(there)}")
    if students:
        here = {name: [one for one in students if one in found] for name, found in here.items()}
    return classroom, {name: found for name, found in here.items() if found}


def _grade(
    console: Console, engine: Engine, classroom: Classroom, assignment: str, wanted: list[str]
) -> list[Result]:
    done = {}
    with Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("", total=len(wanted), rate="")
        for student, outcome in engine.grade(classroom, assignment, wanted):
            done[student] = outcome
            speed = progress.tasks[task].speed
            rate = f"{speed:.1f}/s" if speed else ""
            progress.update(task, advance=1, description=shown(student), rate=rate)
    with classroom.gradebook() as gradebook:
        most, scores = reading.scores(gradebook, assignment)
    found = []
    for student in wanted:
        outcome = done[student]
        if outcome and outcome.reason:
            found.append(Result(student, 0.0, most, 0.0, 0.0, reason=outcome.reason))
            continue
        row = scores[student]
        found.append(
            Result(
                student,
                row.score,
                most,
                row.penalty,
                row.seconds_late,
                outcome.verdicts
                if outcome
                else dict(reading.verdicts_in(classroom.path("autograded", student, assignment))),
                notes=outcome.notes if outcome else (),
                needs_manual_grade=row.needs_manual_grade,
            )
        )
    return found


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
    ideas = Counter(mistake for result in results for mistake in result.mistakes)
    shared = [f"{idea} ({count})" for idea, count in ideas.most_common(5) if count > 1]
    if ideas:
        most = f" Held by several: {', '.join(shared)}." if shared else ""
        console.print(f"{len(ideas)} different wrong ideas recognized.{most}")


_ERRORS = dict.fromkeys(("KeyboardInterrupt", "CellTimeoutError"), "took longer than a cell may")


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


def _plain(result: Result) -> dict[str, Any]:
    """A result as JSON has it."""
    verdicts = {exercise: str(outcome) for exercise, outcome in result.verdicts.items()}
    return {**asdict(result), "verdicts": verdicts}


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _gradebook(classroom: Classroom) -> str:
    """Where it lies, without a password."""
    from sqlalchemy import make_url

    url = make_url(classroom.folders.db_url)
    if url.drivername == "sqlite" and url.database:
        return _near(Path(url.database))
    return f"gradebook at {url.render_as_string(hide_password=True)}"


def _near(path: Path) -> str:
    """`path` as seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
