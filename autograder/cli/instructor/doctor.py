"""`autograder doctor`: the sandbox of this machine, layer by layer."""

from __future__ import annotations

import click

from autograder.cli.options import settings_of


@click.command()
def doctor() -> None:
    """Say which sandbox this machine gives students' code, layer by layer, and what would raise it."""
    from autograder.grading.dispatch.engine import Engine
    from autograder.grading.sandbox.report import doctor_lines

    engine = Engine(settings_of(None, 1, no_sandbox=True))
    try:
        for line in doctor_lines(engine.report):
            click.echo(line)
    finally:
        engine.close()
