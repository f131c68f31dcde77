"""The verbs of an instructor: grade, doctor, demo."""

from __future__ import annotations

import sys
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
    from autograder.classroom import table

    if scheduler and workers:
        raise click.UsageError("--workers is of this machine; with --scheduler the cluster's workers grade.")
    settings = settings_of(timeout, workers, no_sandbox, force, scheduler)
    if dry_run:
        sys.exit(table.preview(root.resolve(), lesson, students, settings))
    sys.exit(table.grade_and_show(root.resolve(), lesson, students, settings, as_json=as_json))


@click.command()
def doctor() -> None:
    """Say which sandbox this machine gives students' code, layer by layer, and what would raise it."""
    from autograder.grading.engine import Engine
    from autograder.grading.sandbox import doctor_lines

    engine = Engine(settings_of(None, 1, no_sandbox=True))
    try:
        for line in doctor_lines(engine.report):
            click.echo(line)
    finally:
        engine.close()


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("address")
@click.option("--workers", type=click.IntRange(min=1), help="How many; one a core, if not said.", metavar="N")
@click.option("--no-sandbox", is_flag=True, help="Start even where students' code would have no walls.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def worker(address: str, workers: int | None, no_sandbox: bool, more: tuple[str, ...]) -> None:
    """Start workers of a Dask cluster that grade for `autograder grade --scheduler ADDRESS`.

    Each grades one submission at a time, in the sandbox of this machine, and needs no file of the course.
    MORE goes to `dask worker` as it is: --name, --death-timeout, --tls-ca-file ...
    """
    import os
    from importlib.util import find_spec

    from autograder.core.errors import GradingError
    from autograder.grading.engine import Engine, default_workers
    from autograder.grading.sandbox import doctor_lines

    if find_spec("distributed") is None:
        raise GradingError("a worker needs Dask, which is not installed. Run: pip install distributed")
    engine = Engine(settings_of(None, 1, no_sandbox))
    try:
        click.echo(doctor_lines(engine.report)[0])
    finally:
        engine.close()
    count = workers or default_workers()
    # One thread each: a worker grades one submission at a time, and a scheduler that knows sends no more.
    shape = ["--nworkers", str(count), "--nthreads", "1", "--no-dashboard"]
    sys.stdout.flush()
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *shape, *more]
    os.execv(sys.executable, command)


@click.command()
@click.argument("lesson", required=False)
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@course_option
def demo(lesson: str | None, force: bool, root: Path) -> None:
    """Build the course, make a sample class in demo/ and grade it."""
    from autograder.authoring import build as building
    from autograder.authoring import course as courses
    from autograder.classroom import demo as samples
    from autograder.classroom import table
    from autograder.core.errors import CourseError

    course = courses.read(root.resolve())
    if not course.lessons:
        raise CourseError(
            'the course has no lesson yet. Begin one: autograder new 01-first-lesson --title "…"'
        )
    building.build(course, course.lessons, lambda name: click.echo(f"built {name}"))
    name = course.find([lesson])[0] if lesson else course.lessons[0]
    folder = course.root / "demo"
    students = samples.write(course, name, folder)
    click.echo(f"demo/submitted: {len(students)} submissions of {name}, named by what is in them")
    code = table.grade_and_show(folder, name, (), settings_of(10, None, False, force), due=samples.DUE)
    click.echo(f"\nNext: `make lab LESSON={name[:2]}` opens the lesson as a learner sees it.")
    sys.exit(code)
