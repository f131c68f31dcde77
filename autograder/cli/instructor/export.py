"""`autograder export`: points as a file for a learning platform, or a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.instructor.platform_choice import PlatformChoice
from autograder.cli.options import course_option

if TYPE_CHECKING:
    from autograder.classroom.lms.platform import Platform


@click.command()
@click.argument("what", metavar="LESSON|term")
@click.option(
    "--format",
    "platform",
    type=PlatformChoice(lambda platform: platform.has_grade_file),
    required=True,
    help="Whose file: a learning platform's, or csv, a plain table.",
)
@click.option(
    "--to", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.", metavar="FILE"
)
@click.option(
    "--from",
    "theirs",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What the platform exported: its numbers of people and assignments are taken.",
)
@click.option(
    "--title",
    "titles",
    multiple=True,
    metavar="LESSON=TITLE",
    help='In the platform, e.g. "03=Week 3 (4711)" in Canvas.',
)
@course_option
def export(
    what: str, platform: Platform, to: Path | None, theirs: Path | None, titles: tuple[str, ...], root: Path
) -> None:
    """Write the points of a lesson, or of all (term), as a file that Canvas or Moodle imports, or as CSV.

    Late penalties are taken off, as nbgrader does. What a platform will not take is said on stderr.
    """
    from autograder.classroom.lms import grade_sheets

    if titles and not platform.takes_titles:
        raise click.UsageError(f"--title is for --format {_which(lambda one: one.takes_titles)}.")
    if theirs and not platform.takes_export:
        raise click.UsageError(f"--from is for --format {_which(lambda one: one.takes_export)}.")
    if theirs and platform.export_is_of_a_lesson and what == grade_sheets.TERM:
        raise click.UsageError(f"{platform.export_is_of_a_lesson}: name the lesson.")
    grades = grade_sheets.read(root.resolve(), what)
    named = _titles(titles, [column.name for column in grades.columns])
    sheet = platform.grade_sheet(grades, theirs, named)
    name = grade_sheets.TERM if grades.term else grades.columns[0].name
    to = to or root.resolve() / f"{name}-{platform.key}.csv"
    grade_sheets.write(sheet, to)
    for line in sheet.remarks:
        click.echo(line, err=True)
    click.echo(f"Wrote {to} ({len(grades.people)} students).")


def _which(has: Callable[[Platform], bool]) -> str:
    from autograder.classroom.lms import registry

    return " or ".join(registry.keys(has))


def _titles(titles: tuple[str, ...], lessons: Sequence[str]) -> dict[str, str]:
    """The titles by lesson. Raises CourseError where a lesson is not exported."""
    from autograder.course.course_toml import one_of

    named = {}
    for one in titles:
        prefix, mark, title = one.partition("=")
        if not mark:
            raise click.UsageError(f"--title {one!r} has no =. Write LESSON=TITLE.")
        named[one_of(lessons, prefix, "exported lesson")] = title
    return named
