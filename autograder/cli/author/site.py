"""`autograder site`: the reading site, and with it the in-browser edition."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write.", metavar="DIR")
@click.option("--lite", is_flag=True, help="Also the in-browser edition, to which the pages then link.")
@course_option
def site(to: Path | None, lite: bool, root: Path) -> None:
    """The reading site: lessons, flashcards, glossary, notation, search, in build/site/.

    With --lite, the lessons also run in the reader's browser (JupyterLite), without a server.
    """
    from autograder.publishing import site as sites

    target = (to or root / "build" / "site").resolve()
    if lite:
        from autograder.publishing.jupyterlite import build as lites

        lites.build(root.resolve(), target / "lite", click.echo)
    sites.build(root.resolve(), target, click.echo)
    click.echo(f"Wrote {target}. Serve it: python -m http.server --directory {target}")
