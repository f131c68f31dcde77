"""`autograder history`: whose points changed, and when."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autograder.cli.options import course_option


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

    from autograder.grading.gradebook import history

    found = history.read(root.resolve(), lesson, students, first)
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

    from autograder.rendering import untrusted_text

    return escape(untrusted_text.shown(text))
