"""`autograder grade`: what was submitted, into nbgrader's gradebook."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option, limit_options, settings_of


@click.command()
@click.argument("lesson")
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@click.option("--dry-run", is_flag=True, help="Show who would change and by how much; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@click.option("--scheduler", default="", metavar="ADDRESS", help="A Dask cluster does it: tcp://HOST:8786.")
@limit_options
@course_option
def grade(
    lesson: str,
    force: bool,
    dry_run: bool,
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

    With --scheduler the workers of a cluster do the same (`autograder worker` starts some; docs/cluster.md).
    The gradebook may lie in PostgreSQL, and several may grade at once (docs/postgresql.md).
    """
    from autograder.cli.views import grade_tables, grading
    from autograder.grading.dispatch.grade_course import ALL, grade_course, preview_course

    if scheduler and workers:
        raise click.UsageError("--workers is of this machine; with --scheduler the cluster's workers grade.")
    settings = settings_of(timeout, workers, no_sandbox, force, scheduler)
    with grading.Screen(settings, as_json) as screen:
        if dry_run:
            grade_tables.show_preview(
                screen.console, preview_course(root, lesson, students, settings, screen.tell)
            )
            return
        result = grade_course(root, lesson, students, settings, tell=screen.tell)
    screen.finish(result, whole_course=lesson == ALL)
