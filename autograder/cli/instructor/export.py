"""`autograder export`: points as a file for Canvas, Moodle, or a table."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("what", metavar="LESSON|term")
@click.option(
    "--format",
    "form",
    type=click.Choice(["canvas", "moodle", "csv"]),
    required=True,
    help="Canvas's gradebook, Moodle's worksheet, or a plain table.",
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
    "--title", "titles", multiple=True, metavar="LESSON=TITLE", help='In Canvas, e.g. "03=Week 3 (4711)".'
)
@course_option
def export(
    what: str, form: str, to: Path | None, theirs: Path | None, titles: tuple[str, ...], root: Path
) -> None:
    """Write the points of a lesson, or of all (term), as a file that Canvas or Moodle imports, or as CSV.

    Late penalties are taken off, as nbgrader does. What a platform will not take is said on stderr.
    """
    from autograder.classroom.lms import canvas, moodle
    from autograder.classroom.lms import grade_sheets as exports
    from autograder.course.course_toml import one_of

    if titles and form != "canvas":
        raise click.UsageError("--title is for --format canvas.")
    if theirs and form == "csv":
        raise click.UsageError("--from is for --format canvas or moodle.")
    if theirs and form == "moodle" and what == exports.TERM:
        raise click.UsageError("a grading worksheet of Moodle is of one assignment: name the lesson.")
    grades = exports.read(root.resolve(), what)
    if form == "canvas":
        named = {}
        for one in titles:
            prefix, mark, title = one.partition("=")
            if not mark:
                raise click.UsageError(f"--title {one!r} has no =. Write LESSON=TITLE.")
            named[one_of((column.name for column in grades.columns), prefix, "exported lesson")] = title
        sheet = canvas.sheet(grades, named, theirs)
    else:
        sheet = moodle.sheet(grades, theirs) if form == "moodle" else exports.plain(grades)
    name = exports.TERM if grades.term else grades.columns[0].name
    to = to or root.resolve() / f"{name}-{form}.csv"
    exports.write(sheet, to)
    for line in sheet.remarks:
        click.echo(line, err=True)
    click.echo(f"Wrote {to} ({len(grades.people)} students).")
