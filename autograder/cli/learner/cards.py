"""`autograder cards`: flashcards as pages, as PDF, or for Anki."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


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
    from autograder.publishing import flashcards

    if to and not lesson:
        raise click.UsageError("--to names one file. Name the lesson as well: autograder cards 03 --to FILE")
    for pack in flashcards.packs(root.resolve(), lesson):
        for written in flashcards.write(pack, to, pdf=pdf, anki=anki):
            click.echo(written)
