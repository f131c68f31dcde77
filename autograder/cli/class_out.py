"""The verbs that give back: feedback, export, history."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("lesson")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@click.option("--worked/--no-worked", default=None, help="With or without the worked solutions.")
@click.option(
    "--zip",
    "zipped",
    nargs=2,
    type=(click.Choice(["moodle", "canvas"]), click.Path(dir_okay=False, path_type=Path)),
    metavar="moodle|canvas FILE",
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
    zipped: tuple[str, Path] | None,
    downloaded: Path | None,
    root: Path,
) -> None:
    """Write a feedback page for every graded submission of a lesson, in feedback/.

    A page says what was right, which idea went wrong and how to mend it, and never shows a test. Hand the
    pages out with `nbgrader release_feedback`, or with --zip.
    """
    from autograder.classroom import feedback as pages
    from autograder.classroom import feedback_zip

    made = pages.prepare(root.resolve(), lesson, students, worked)
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
        done = feedback_zip.write(given, platform, to, downloaded)
        for line in done.remarks:
            click.echo(line, err=True)
        click.echo(f"Wrote {to} ({done.pages} pages) for {platform.title()}.")
    sys.exit(0 if count else 1)


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
    from autograder.authoring.course import one_of
    from autograder.classroom import export as exports
    from autograder.classroom import lms_canvas, lms_moodle

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
        sheet = lms_canvas.sheet(grades, named, theirs)
    else:
        sheet = lms_moodle.sheet(grades, theirs) if form == "moodle" else exports.plain(grades)
    name = exports.TERM if grades.term else grades.columns[0].name
    to = to or root.resolve() / f"{name}-{form}.csv"
    exports.write(sheet, to)
    for line in sheet.remarks:
        click.echo(line, err=True)
    click.echo(f"Wrote {to} ({len(grades.people)} students).")


@click.command()
@click.argument("lesson")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@click.option("--first", is_flag=True, help="Also the first points of each submission.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
@course_option
def history(lesson: str, students: tuple[str, ...], first: bool, as_json: bool, root: Path) -> None:
    """Say whose points changed when the lesson was graded anew: when, from what to what."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from autograder.classroom import history as histories

    found = histories.read(root.resolve(), lesson, students, first)
    if as_json:
        for event in found.events:
            row = {"when": event.when.isoformat(), "student": event.student, "notebook": event.notebook}
            row |= {"grade": event.grade, "old": event.old, "new": event.new, "engine": event.engine}  # type: ignore[dict-item]
            click.echo(json.dumps(row))
        return
    console = Console(highlight=False)
    table = Table(title=f"{found.assignment}: what changed", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("when (UTC)", "student", "grade", "from", "to"):
        table.add_column(column)
    for event in found.events:
        points = ("-" if value is None else f"{value:g}" for value in (event.old, event.new))
        table.add_row(f"{event.when:%Y-%m-%d %H:%M}", _plain(event.student), event.grade, *points)
    if found.events:
        console.print(table)
    else:
        console.print("No points changed.")
    if not found.whole:
        console.print("Only the last grading of each submission is known.")


def _plain(text: str) -> str:
    """A student's id for the terminal: no codes of color, no markup of Rich's."""
    from rich.markup import escape

    from autograder.classroom import inert

    return escape(inert.shown(text))
