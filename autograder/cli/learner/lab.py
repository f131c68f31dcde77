"""`autograder lab`: a lesson in JupyterLab, in the learner's own copy."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("lesson", required=False)
@click.option("--update", is_flag=True, help="Carry your work into the newest version of the lesson first.")
@click.option("--no-browser", is_flag=True, help="Start the server only, and print its address.")
@course_option
def lab(lesson: str | None, update: bool, no_browser: bool, root: Path) -> None:
    """Open a lesson in JupyterLab, in your own copy under work/ (your answers are never overwritten).

    A lesson that has changed since you began it opens as you began it, and a line says so. With --update your
    answers, notes and cells come into the new version; the old copy is kept in work/before/.
    """
    from autograder.publishing.copies import lab

    if update:
        lab.update(root.resolve(), lesson, click.echo)
    sys.exit(lab.open_lab(root.resolve(), lesson, no_browser, click.echo))
