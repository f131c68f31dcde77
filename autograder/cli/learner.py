"""The verbs of a learner: lab, cards."""

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
    from autograder.classroom import desk

    if update:
        desk.update(root.resolve(), lesson, click.echo)
    sys.exit(desk.open_lab(root.resolve(), lesson, no_browser, click.echo))


@click.command()
@click.argument("lesson", required=False)
@click.option("--print", "page", is_flag=True, help="Write the page with the print button (the default).")
@click.option("--pdf", is_flag=True, help="Also print it to PDF with an installed Chromium.")
@click.option("--anki", is_flag=True, help="Write decks for Anki instead: cards/NN-….apkg.")
@click.option(
    "--to", type=click.Path(path_type=Path), help="The file to write, for one lesson.", metavar="FILE"
)
@course_option
def cards(lesson: str | None, page: bool, pdf: bool, anki: bool, to: Path | None, root: Path) -> None:
    """Flashcards of a lesson, or of every lesson and of all in one: as pages, as PDF, or for Anki.

    On a page a click opens a card; printed, each card is a page of its own.
    """
    from autograder.classroom import cards as packs

    if to and not lesson:
        raise click.UsageError("--to names one file. Name the lesson as well: autograder cards 03 --to FILE")
    for pack in packs.packs(root.resolve(), lesson):
        for written in packs.write(pack, to, pdf=pdf, anki=anki):
            click.echo(written)
