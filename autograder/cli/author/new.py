"""`autograder new`: start a lesson."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("name")
@click.option("--title", required=True, help="The lesson's title, as its first line shows it.")
@course_option
def new(name: str, title: str, root: Path) -> None:
    """Start a lesson: a skeleton that builds, e.g. autograder new 04-normalizing-flows --title …"""
    from autograder.authoring.building.new_lesson import create

    path = create(root.resolve(), name, title)
    click.echo(f"Wrote {path.relative_to(root.resolve())} and its line in lessons/course.toml.")
    click.echo(f"Data, pictures and modules of the lesson go into lessons/{name}/.")
    click.echo(f"Next: edit it, then autograder build {name[:2]} and autograder verify {name[:2]}.")
