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
@limit_options
@course_option
def grade(
    lesson: str,
    force: bool,
    dry_run: bool,
    as_json: bool,
    students: tuple[str, ...],
    timeout: int | None,
    workers: int | None,
    no_sandbox: bool,
    root: Path,
) -> None:
    """Grade what was submitted, in a sandbox, into nbgrader's gradebook.db, and write grades.csv.

    `grade all` takes every lesson of which somebody submitted something, one after another.

    Works on any nbgrader course in Python. A run that was stopped goes on where it was.
    """
    from autograder.classroom import table

    settings = settings_of(timeout, workers, no_sandbox, force)
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

    course = courses.read(root.resolve())
    building.build(course, course.lessons, lambda name: click.echo(f"built {name}"))
    name = course.find([lesson])[0] if lesson else course.lessons[0]
    folder = course.root / "demo"
    students = samples.write(course, name, folder)
    click.echo(f"demo/submitted: {len(students)} submissions of {name}, named by what is in them")
    code = table.grade_and_show(folder, name, (), settings_of(10, None, False, force), due=samples.DUE)
    click.echo(f"\nNext: `make lab LESSON={name[:2]}` opens the lesson as a learner sees it.")
    sys.exit(code)
