"""`autograder roster`: the class list, in and out."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


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
    from autograder.classroom.lms import class_list
    from autograder.classroom.roster import roster as class_roster
    from autograder.grading.gradebook.course_directory import Classroom

    found = class_list.read(file, encoding)
    changes = class_roster.add(Classroom(root.resolve()), found.learners)
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
    from autograder.classroom.roster import roster as class_roster
    from autograder.grading.gradebook.course_directory import Classroom

    count = class_roster.export(Classroom(root.resolve()), file)
    click.echo(f"Wrote {file} ({count} learners).")


@roster.command()
@course_option
def show(root: Path) -> None:
    """Print the class."""
    from autograder.classroom.roster import roster as class_roster
    from autograder.cli.views import collecting
    from autograder.grading.gradebook.course_directory import Classroom

    collecting.show_roster(class_roster.read(Classroom(root.resolve())))
