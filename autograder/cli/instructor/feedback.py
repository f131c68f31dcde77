"""`autograder feedback`: a page for every graded submission."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.instructor.platform_choice import PlatformAndFile, PlatformChoice
from autograder.cli.options import course_option

if TYPE_CHECKING:
    from autograder.classroom.lms.platform import Platform


@click.command()
@click.argument("lesson")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@click.option("--worked/--no-worked", default=None, help="With or without the worked solutions.")
@click.option(
    "--release-outputs",
    is_flag=True,
    help="Also what answers printed after a hidden test ran in their process: look at it first.",
)
@click.option(
    "--zip",
    "zipped",
    cls=PlatformAndFile,
    type=(PlatformChoice(lambda one: one.takes_feedback), click.Path(dir_okay=False, path_type=Path)),
    help="Also as the zip that the platform takes back.",
)
@click.option(
    "--downloaded",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ZIP",
    help="The platform's own zip of the submissions; whose numbers are taken.",
)
@course_option
def feedback(
    lesson: str,
    students: tuple[str, ...],
    worked: bool | None,
    release_outputs: bool,
    zipped: tuple[Platform, Path] | None,
    downloaded: Path | None,
    root: Path,
) -> None:
    """Write a feedback page for every graded submission of a lesson, in feedback/.

    A page says what was right, which idea went wrong and how to mend it, and never shows a test. Hand the
    pages out with `nbgrader release_feedback`, or with --zip.
    """
    from autograder.classroom.feedback import lms_zip, pages

    made = pages.prepare(root.resolve(), lesson, students, worked, release_outputs)
    given = list(pages.write(made))
    for one in given:
        if one.reason:
            click.echo(f"{one.person.name}: no page, because {one.reason}", err=True)
    count = sum(len(one.files) for one in given)
    solutions = "with" if made.notes.worked else "without"
    why = f" ({made.notes.why})" if made.notes.why else ""
    click.echo(f"{count} pages in feedback/*/{made.assignment}/, {solutions} worked solutions{why}.")
    if zipped:
        platform, to = zipped
        done = lms_zip.write(given, platform, to, downloaded)
        for line in done.remarks:
            click.echo(line, err=True)
        click.echo(f"Wrote {to} ({done.pages} pages) for {platform.name}.")
    sys.exit(0 if count else 1)
