"""`autograder worker`: workers of a Dask cluster that grade."""

from __future__ import annotations

import sys

import click

from autograder.cli.options import settings_of


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("address")
@click.option("--workers", type=click.IntRange(min=1), help="How many; one a core, if not said.", metavar="N")
@click.option("--no-sandbox", is_flag=True, help="Start even where students' code would have no walls.")
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
def worker(address: str, workers: int | None, no_sandbox: bool, more: tuple[str, ...]) -> None:
    """Start workers of a Dask cluster that grade for `autograder grade --scheduler ADDRESS`.

    Each grades one submission at a time, in the sandbox of this machine, and needs no file of the course.
    MORE goes to `dask worker` as it is: --name, --death-timeout, --tls-ca-file ...
    """
    import os
    from importlib.util import find_spec

    from autograder.core.errors import GradingError
    from autograder.grading.dispatch.engine import Engine, default_workers
    from autograder.grading.sandbox.report import doctor_lines

    if find_spec("distributed") is None:
        raise GradingError("a worker needs Dask, which is not installed. Run: pip install distributed")
    engine = Engine(settings_of(None, 1, no_sandbox))
    try:
        click.echo(doctor_lines(engine.report)[0])
    finally:
        engine.close()
    count = workers or default_workers()
    # One thread each: a worker grades one submission at a time, and a scheduler that knows sends no more.
    shape = ["--nworkers", str(count), "--nthreads", "1", "--no-dashboard"]
    sys.stdout.flush()
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *shape, *more]
    os.execv(sys.executable, command)
