"""`autograder build`: lessons/ -> source/ and release/."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option, wanted_lessons
from autograder.core.messages import counted


@click.command()
@click.argument("lessons", nargs=-1)
@click.option("--force", is_flag=True, help="Build also the lessons of which nothing has changed.")
@course_option
def build(lessons: tuple[str, ...], force: bool, root: Path) -> None:
    """Make source/ and release/ from lessons/ (all, or those named), where something has changed.

    Nothing changes when a lesson has an error: you see where it is and what to type instead.
    """
    from autograder.authoring.building import build as building
    from autograder.authoring.building import settings
    from autograder.authoring.format import glossary
    from autograder.course import course_toml as courses

    course = courses.read(root.resolve())
    built: list[str] = []

    def say(name: str) -> None:
        built.append(name)
        click.echo(f"built {name}")

    placed = building.build(course, wanted_lessons(course, lessons), say, force)
    page = glossary.write(course)
    wrote = [file for one in placed.values() for file in one.wrote] + settings.settle(course)
    removed = [file for one in placed.values() for file in one.removed]
    for file in page:
        (wrote if (course.root / file).exists() else removed).append(file)
    for file in wrote:
        click.echo(f"  wrote {file}")
    for file in removed:
        click.echo(f"  removed {file}")
    for name, one in placed.items():
        for file in one.left:
            click.echo(f"  left {file}: not made by a build. Move it to lessons/{name}/, or away.")
    fresh = f", {len(placed) - len(built)} left alone: nothing has changed" * (len(built) < len(placed))
    count = len(wrote) + len(removed)
    click.echo(f"{counted(len(built), 'lesson')} built, {count} files changed{fresh}.")
