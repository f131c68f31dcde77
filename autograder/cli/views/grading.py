"""Grading a class before somebody's eyes: progress while it runs, a table or JSON at its end."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from autograder.cli.views.grade_tables import show_result
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import (
    AssignmentBegun,
    AssignmentResult,
    CourseFound,
    CourseResult,
    Event,
    Notice,
    SubmissionDone,
    TrialRun,
)
from autograder.grading.gradebook.scores import Result
from autograder.grading.gradebook.submitted_files import shown

UNSAFE = (
    "WARNING: no sandbox. Students' code runs with your rights: it can read your files and your gradebook."
    " Grade only what you would run yourself."
)


class Screen:
    """What `grade_course` tells, on a terminal: a bar while an assignment is graded, then its table.

    `tell` is for its events, `finish` for its result; the bar is gone after `with`.
    """

    def __init__(self, settings: Settings, as_json: bool = False):
        """With `as_json`, standard output is left to the JSON."""
        self.console = Console(highlight=False, stderr=as_json)
        self._unsafe, self._as_json = settings.lowest_tier > 2, as_json
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()

    def tell(self, event: Event) -> None:
        """Show one event."""
        match event:
            case Notice(line):
                # A line of its own, whole: a log is searched for what it says.
                self.console.print(line, markup=False, soft_wrap=True)
            case CourseFound() if self._unsafe:
                self.console.print(UNSAFE, style="bold red")
            case AssignmentBegun(submissions=total):
                self._bar = _bar(self.console)
                self._task = self._bar.add_task("", total=total, rate="")
                self._bar.start()
            case TrialRun(done=done, total=runs):
                self._show_trial(done, runs)
            case SubmissionDone(student=student):
                self._advance(student)
            case AssignmentResult():
                self._end_bar()
                if not self._as_json:
                    show_result(self.console, event)

    def finish(self, result: CourseResult, whole_course: bool = False) -> None:
        """Print the JSON, of all assignments or of the one, and where everything was written."""
        if self._as_json:
            plain = [_plain(graded) for graded in result.assignments]
            print(json.dumps({"assignments": plain} if whole_course else plain[0]))
        gradebook = _where(result.gradebook)
        self.console.print(f"Wrote {_near(result.grades_csv)} and nbgrader's {gradebook}.")

    def _show_trial(self, done: int, runs: int) -> None:
        if self._bar is not None:
            words = f"trying the tests once for this version of the assignment: {done} of {runs}"
            self._bar.update(self._task, description=words if done < runs else "")

    def _advance(self, student: str) -> None:
        if self._bar is None:
            return
        speed = self._bar.tasks[0].speed
        rate = f"{speed:.1f}/s" if speed else ""
        self._bar.update(self._task, advance=1, description=shown(student), rate=rate)

    def _end_bar(self) -> None:
        if self._bar:
            self._bar.stop()
        self._bar = None


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _plain(graded: AssignmentResult) -> dict[str, object]:
    """An assignment's results as JSON has them."""
    return {"assignment": graded.assignment, "results": [_plain_result(one) for one in graded.submissions]}


def _plain_result(result: Result) -> dict[str, object]:
    verdicts = {exercise: str(outcome) for exercise, outcome in result.verdicts.items()}
    return {**asdict(result), "verdicts": verdicts}


def _where(gradebook: str) -> str:
    """Where a gradebook lies, by its address."""
    from sqlalchemy import make_url

    url = make_url(gradebook)
    if url.drivername == "sqlite" and url.database:
        return _near(Path(url.database))
    return f"gradebook at {gradebook}"


def _near(path: Path) -> str:
    """`path` as seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
