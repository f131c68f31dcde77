"""`autograder verify`: check every promise of the lessons."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import course_option, wanted_lessons


@click.command()
@click.argument("lessons", nargs=-1)
@course_option
def verify(lessons: tuple[str, ...], root: Path) -> None:
    """Check every promise of the lessons (all, or those named): exit code 1 when one is broken."""
    from rich.console import Console
    from rich.table import Table

    from autograder.authoring.checks import verify as verifying
    from autograder.course import course_toml as courses

    course = courses.read(root.resolve())
    console = Console(highlight=False, soft_wrap=True)
    broken = 0
    for name, promises in verifying.verify_all(course, wanted_lessons(course, lessons)):
        table = Table(title=name, title_justify="left", box=None, pad_edge=False)
        table.add_column("")
        table.add_column("promise")
        table.add_column("checked", justify="right")
        for promise in promises:
            mark = "[red]✗" if promise.problems else "[green]✓"
            table.add_row(mark, promise.words, str(promise.count))
        console.print(table)
        problems = [problem for promise in promises for problem in promise.problems]
        for problem in problems:
            console.print(str(problem), style="red", markup=False)
        kept = sum(not promise.problems for promise in promises)
        console.print(f"{kept} of {len(promises)} promises kept.\n")
        broken += len(problems)
    sys.exit(1 if broken else 0)
