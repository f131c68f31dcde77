"""Options that several verbs have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

if TYPE_CHECKING:
    from autograder.course.course_toml import Course
    from autograder.grading.dispatch.engine import Settings

_P = ParamSpec("_P")
_R = TypeVar("_R")


def wanted_lessons(course: Course, lessons: tuple[str, ...]) -> list[str]:
    """The lessons that were named, all where none was; a word where the course has none yet."""
    if not course.lessons:
        click.echo('The course has no lesson yet. Begin one: autograder new 01-first-lesson --title "…"')
    return course.find(lessons)


def course_option(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The --course option that every verb has."""
    return click.option(
        "--course",
        "root",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=".",
        show_default="here",
        metavar="DIR",
        help="The course's folder.",
    )(function)


def limit_options(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The options that every verb has that runs students' code."""
    for option in (
        click.option(
            "--no-sandbox", is_flag=True, help="Run students' code without a sandbox. Warns on every run."
        ),
        click.option("--workers", type=click.IntRange(min=1), help="How many at once.", metavar="N"),
        click.option("--timeout", type=click.IntRange(min=1), help="Seconds for a cell.", metavar="SECONDS"),
    ):
        function = option(function)
    return function


def settings_of(
    timeout: int | None, workers: int | None, no_sandbox: bool, force: bool = False, scheduler: str = ""
) -> Settings:
    """Make the engine's settings from what the command line gives.

    Args:
        timeout: seconds for a cell; None for the usual.
        workers: how many submissions are graded at once; None for one a core.
        no_sandbox: run students' code without a sandbox.
        force: grade what is graded already.
        scheduler: address of a Dask scheduler; '' grades on this machine.

    Returns:
        The settings.
    """
    from dataclasses import replace

    from autograder.grading.dispatch.engine import Settings, default_workers
    from autograder.grading.sandbox.limits import Limits

    limits = replace(Limits(), cell_seconds=float(timeout)) if timeout else Limits()
    return Settings(limits, workers or default_workers(), 3 if no_sandbox else 2, force, scheduler)
