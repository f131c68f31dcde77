"""`autograder grade`: what was submitted, into nbgrader's gradebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from autograder.cli.options import course_option, limit_options, settings_of


@click.command()
@click.argument("lesson")
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@click.option("--dry-run", is_flag=True, help="Show who would change and by how much; write nothing.")
@click.option("--explain", is_flag=True, help="Say how each test runs, and why; grade nothing.")
@click.option(
    "--flagged",
    type=click.Choice(["count", "zero", "wait"]),
    default="count",
    show_default=True,
    help="A mark on which the isolated test and nbgrader's meaning differ counts, is zero, or waits for you.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@click.option("--scheduler", default="", metavar="ADDRESS", help="A Dask cluster does it: tcp://HOST:8786.")
@limit_options
@course_option
def grade(
    lesson: str,
    force: bool,
    dry_run: bool,
    explain: bool,
    flagged: str,
    as_json: bool,
    students: tuple[str, ...],
    scheduler: str,
    timeout: int | None,
    workers: int | None,
    no_sandbox: bool,
    root: Path,
) -> None:
    """Grade what was submitted, in a sandbox, into nbgrader's gradebook.db, and write grades.csv.

    `grade all` takes every lesson of which somebody submitted something, one after another.

    Works on any nbgrader course in Python. A run that was stopped goes on where it was.

    Tests of a course that `autograder build` has not made are tried once: which can be isolated from the
    student's process without changing a mark, and which run in it, as in nbgrader (docs/courses.md).

    With --scheduler the workers of a cluster do the same (`autograder worker` starts some; docs/cluster.md).
    The gradebook may lie in PostgreSQL, and several may grade at once (docs/postgresql.md).
    """
    from autograder.cli.views import grade_tables, grading
    from autograder.grading.dispatch.grade_course import ALL, explain_course, grade_course, preview_course
    from autograder.grading.trial.mark_rule import Flagged

    if scheduler and workers:
        raise click.UsageError("--workers is of this machine; with --scheduler the cluster's workers grade.")
    settings = replace(settings_of(timeout, workers, no_sandbox, force, scheduler), flagged=Flagged(flagged))
    with grading.Screen(settings, as_json) as screen:
        if explain:
            grade_tables.show_tests(screen.console, explain_course(root, lesson, settings, screen.tell))
            return
        if dry_run:
            grade_tables.show_preview(
                screen.console, preview_course(root, lesson, students, settings, screen.tell)
            )
            return
        result = grade_course(root, lesson, students, settings, tell=screen.tell)
    screen.finish(result, whole_course=lesson == ALL)
