"""`autograder hub`: a JupyterHub class on this machine, to try."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import course_option

if TYPE_CHECKING:
    from autograder.hub.run import Running

_ENDINGS = (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))


@click.command()
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the class lives.  [default: hub/]",
    metavar="DIR",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Of the hub; a free one where not given.")
@click.option("--prefix", default="try", show_default=True, help="Of everybody's name.", metavar="NAME")
@course_option
def hub(folder: Path | None, port: int | None, prefix: str, root: Path) -> None:
    """Start a JupyterHub class on this machine, to try: an instructor and three learners.

    It is deploy/jupyterhub/ with free ports on the loopback and one password. As root everybody is a Unix
    account that is removed at the end; else all are you, and nothing keeps them apart. Ctrl+C ends it all;
    the same command goes on where the class was.
    """
    from autograder.hub import run

    with (
        _ended_by_signals(),
        run.running(root.resolve(), (folder or root / "hub").resolve(), prefix, port) as it,
    ):
        for line in _how_to(it):
            click.echo(line)
        sys.stdout.flush()
        try:
            code = it.process.wait()
        except KeyboardInterrupt:
            code = 0
            click.echo("\nEnding the hub and everything that it started …")
        # Once it ends, it ends whole: a second Ctrl+C would leave accounts behind.
        for ending in _ENDINGS:
            signal.signal(ending, signal.SIG_IGN)
    if code:
        click.echo(f"The hub ended by itself. Why is in {it.folder / 'state' / 'hub.log'}", err=True)
    sys.exit(1 if code else 0)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A closed terminal and a plain kill end things as Ctrl+C does; afterwards all is as it was."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {ending: signal.getsignal(ending) for ending in _ENDINGS}
    for ending in _ENDINGS:
        signal.signal(ending, stop)
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def _how_to(started: Running) -> list[str]:
    """What somebody does next, and as whom."""
    people, course = started.people, started.course
    apart = "a Unix account of its own" if people.real else "you: nothing keeps them apart"
    return [
        f"A hub at {started.address} (Ctrl+C ends it)",
        "",
        f"  the instructor   {people.instructor}",
        f"  the learners     {', '.join(people.learners)}",
        f"  the password     {started.password}   (of everybody, until the hub ends)",
        "",
        f"Each is {apart}. In several browsers, or private windows, you can be several people.",
        "",
        f"1. The instructor opens {started.address}services/{course}/ and releases a lesson.",
        "2. A learner opens Nbgrader > Assignment List: fetches the lesson, works, submits.",
        "3. The instructor collects in the formgrader, opens File > New > Terminal there, and types",
        "       autograder grade all && autograder feedback LESSON && nbgrader release_feedback LESSON",
        "4. The learner fetches the feedback in the Assignment List.",
        "",
        f"Everything is in {started.folder}; delete it to begin anew.",
    ]
