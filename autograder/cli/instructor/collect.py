"""`autograder collect`: what learners handed in, into submitted/."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True), metavar="ZIP|FOLDER")
@click.argument("lesson", default="")
@click.option("--dry-run", is_flag=True, help="Say what would be placed; place nothing.")
@click.option(
    "--worksheet",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Moodle's grading worksheet: true times, and names where they are hidden.",
    metavar="CSV",
)
@click.option(
    "--who", multiple=True, help="Whose a name in the download is; may be repeated.", metavar="NAME=ID"
)
@click.option(
    "--time-zone", help="Of the platform's clock, e.g. Europe/Berlin.  [default: here]", metavar="ZONE"
)
@course_option
def collect(
    source: Path,
    lesson: str,
    dry_run: bool,
    worksheet: Path | None,
    who: tuple[str, ...],
    time_zone: str | None,
    root: Path,
) -> None:
    """Put what learners handed in where grade finds it: submitted/<student>/<lesson>/.

    Takes Moodle's and Canvas's "download all submissions", nbgrader's own folders, and notebooks named by
    learner. Without LESSON each notebook is placed by what it is a copy of. Keeps the newest of several,
    never overwrites a newer one, and says what could not be placed and why.
    """
    from autograder.classroom.collecting import collect
    from autograder.cli.views import collecting
    from autograder.grading.gradebook.course_directory import Classroom

    request = collect.Request(source, lesson, worksheet, _pairs(who), _zone(time_zone), dry_run)
    collecting.show(collect.collect(Classroom(root.resolve()), request), dry_run)


def _pairs(who: tuple[str, ...]) -> dict[str, str]:
    for one in who:
        if not all(part.strip() for part in one.rpartition("=")):
            raise click.UsageError(f'--who is written --who "NAME=ID", not {one!r}.')
    return {one.rpartition("=")[0].strip(): one.rpartition("=")[2].strip() for one in who}


def _zone(name: str | None) -> dt.tzinfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise click.UsageError(f"there is no time zone {name!r}. Try Europe/Berlin, or UTC.") from error
