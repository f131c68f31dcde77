"""`autograder handout`: a released lesson as one zip."""

from __future__ import annotations

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
    from autograder.publishing import handout

    made = handout.make(root.resolve(), lesson)
    target = to or root.resolve() / "build" / "handout" / f"{made.lesson}.zip"
    handout.write(made, target)
    click.echo(f"Wrote {target} ({len(made.data) / 1e6:.1f} MB).")
