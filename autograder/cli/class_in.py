"""The verbs of an instructor's desk, outwards and inwards: handout, roster, collect."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("lesson")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="The zip to write.", metavar="FILE"
)
@course_option
def handout(lesson: str, to: Path | None, root: Path) -> None:
    """Make one zip of a released lesson that a learner can open anywhere: build/handout/NN-….zip.

    In it: the notebook, lesson.json, this program as a wheel, environment.yml, three lines of how-to.
    """
    from autograder.classroom import handout as handouts

    made = handouts.make(root.resolve(), lesson)
    target = to or root.resolve() / "build" / "handout" / f"{made.lesson}.zip"
    handouts.write(made, target)
    click.echo(f"Wrote {target} ({len(made.data) / 1e6:.1f} MB).")


@click.group()
def roster() -> None:
    """The class: who is in it, in nbgrader's gradebook."""


@roster.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--encoding", help="Where it is not UTF-8 or UTF-16: cp1252, mac_roman, …", metavar="NAME")
@course_option
def import_(file: Path, encoding: str | None, root: Path) -> None:
    """Add a class list (CSV) to the class: one's own, or an export of Moodle's or Canvas's.

    One's own needs the column id; first_name, last_name (or name), email and lms_user_id may follow.
    Learners who are there already are brought up to date; nobody is removed.
    """
    from autograder.classroom import roster as people
    from autograder.classroom import roster_csv
    from autograder.grading.stock import Classroom

    found = roster_csv.read(file, encoding)
    changes = people.add(Classroom(root.resolve()), found.learners)
    for note in found.notes:
        click.echo(note, err=True)
    click.echo(
        f"Read as {found.source}: {len(found.learners)} learners, {len(changes.added)} new,"
        f" {len(changes.changed)} changed."
    )
    if changes.not_named:
        click.echo(f"In the roster, not in the file (they stay): {', '.join(changes.not_named)}")


@roster.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@course_option
def export(file: Path, root: Path) -> None:
    """Write the class as CSV, in the form that import and nbgrader read."""
    from autograder.classroom import roster as people
    from autograder.grading.stock import Classroom

    count = people.export(Classroom(root.resolve()), file)
    click.echo(f"Wrote {file} ({count} learners).")


@roster.command()
@course_option
def show(root: Path) -> None:
    """Print the class."""
    from autograder.classroom import arrivals
    from autograder.classroom import roster as people
    from autograder.grading.stock import Classroom

    arrivals.show_roster(people.read(Classroom(root.resolve())))


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
    from autograder.classroom import arrivals
    from autograder.classroom import collect as collecting
    from autograder.grading.stock import Classroom

    request = collecting.Request(source, lesson, worksheet, _pairs(who), _zone(time_zone), dry_run)
    arrivals.show(collecting.collect(Classroom(root.resolve()), request), dry_run)


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
