"""`autograder format`: the Markdown of lessons in canonical form."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import course_option, wanted_lessons


@click.command("format")
@click.argument("lessons", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 where a file would change.")
@course_option
def format_(lessons: tuple[str, ...], check: bool, root: Path) -> None:
    """Bring the Markdown of lessons into canonical form (all, or those named)."""
    from autograder.authoring.format.formatter import canonical
    from autograder.core.atomic_write import write_whole
    from autograder.course import course_toml as courses

    course = courses.read(root.resolve())
    differ = 0
    for name in wanted_lessons(course, lessons):
        path = course.path(name)
        text = canonical(path)
        if text.encode() == path.read_bytes():
            continue
        differ += 1
        if not check:
            write_whole(path, text)
        click.echo(f"{'would change' if check else 'changed'} {path.relative_to(course.root)}")
    if not differ:
        click.echo("Nothing to change.")
    sys.exit(1 if check and differ else 0)
