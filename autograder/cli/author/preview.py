"""`autograder preview`: a lesson as it is on disk now, in a copy that nobody works in."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import course_option


@click.command()
@click.argument("lesson")
@click.option("--solved", is_flag=True, help="The instructor's version, with solutions and hidden tests.")
@click.option("--no-browser", is_flag=True, help="Start the server only, and print its address.")
@course_option
def preview(lesson: str, solved: bool, no_browser: bool, root: Path) -> None:
    """Open a lesson in JupyterLab as it is on disk now, built where it has changed, in preview/.

    Each preview starts afresh; what learners have in work/ is left alone.
    """
    from autograder.publishing.copies import jupyterlab
    from autograder.publishing.copies import preview as previews

    folder = previews.prepare(root.resolve(), lesson, solved, click.echo)
    sys.exit(jupyterlab.serve(folder.parent, f"{folder.name}/{folder.name}.ipynb", no_browser))
