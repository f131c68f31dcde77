"""`autograder links`: links that open lessons on a hub."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("address", metavar="HUB")
@click.argument("lessons", nargs=-1)
@click.option("--branch", default="", help="Of the repository; its default branch where not given.")
@course_option
def links(address: str, lessons: tuple[str, ...], branch: str, root: Path) -> None:
    """Print a link a lesson that opens it on the hub at address HUB (all lessons, or those named).

    A click fetches the course's public repository (course.toml names it) into the learner's server with
    nbgitpuller, or brings it up to date; what the learner changed stays.
    """
    from autograder.course import course_toml as courses
    from autograder.publishing import hub_links as made

    course = courses.read(root.resolve())
    for name in course.find(lessons):
        click.echo(made.git_pull(course, name, address, branch))
