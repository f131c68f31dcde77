"""The verbs: parse, call, print. Each imports what it needs when it runs, so that --help is quick."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from autograder.core.errors import AutograderError

EXAMPLES = """
\b
A learner
  autograder lab 03              open lesson 3 in JupyterLab, in your own copy
  autograder cards 03 --print    the flashcards as a page, one card a printed page

\b
An instructor
  autograder grade 03            grade submitted/*/03-…, show who holds which wrong idea
  autograder grade 03 --dry-run  what grading anew would change, before anything is written
  autograder doctor              how well this machine holds students' code back
  autograder demo                a sample class, graded, in demo/
  autograder site                the course as a site to read and to host

\b
An author
  autograder new 04-normalizing-flows --title "Normalizing flows"
  autograder format 04           bring the Markdown into its canonical form
  autograder build 04            lessons/ -> source/ and release/
  autograder verify 04           check every promise of the lesson

A lesson is named by any unique start of its name: 03 is enough.
"""


class Verbs(click.Group):
    """Prints the errors that a person can mend without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; an AutograderError becomes its message and exit code 1, Ctrl-C a line and 130."""
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("\nStopped. What was done so far is kept; the same command again goes on.", err=True)
            sys.exit(130)


def course_option(function: Any) -> Any:
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


@click.group(cls=Verbs, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="generative-models-course")
def main() -> None:
    """Make, study and grade a course of notebooks that names the idea behind a wrong number."""


@main.command()
@click.argument("lessons", nargs=-1)
@click.option("--force", is_flag=True, help="Build also the lessons of which nothing has changed.")
@course_option
def build(lessons: tuple[str, ...], force: bool, root: Path) -> None:
    """Make source/ and release/ from lessons/ (all, or those named), where something has changed.

    Nothing changes when a lesson has an error: you see where it is and what to type instead.
    """
    from autograder.authoring import build as building
    from autograder.authoring import course as courses
    from autograder.authoring import glossary

    course = courses.read(root.resolve())
    built: list[str] = []

    def say(name: str) -> None:
        built.append(name)
        click.echo(f"built {name}")

    changed = building.build(course, course.find(lessons), say, force)
    files = [file for names in changed.values() for file in names] + glossary.write(course)
    for file in files:
        click.echo(f"  wrote {file}")
    fresh = f", {len(changed) - len(built)} left alone: nothing has changed" * (len(built) < len(changed))
    click.echo(f"{len(built)} lesson{'s' * (len(built) != 1)} built, {len(files)} files changed{fresh}.")


@main.command()
@click.argument("lessons", nargs=-1)
@course_option
def verify(lessons: tuple[str, ...], root: Path) -> None:
    """Check every promise of the lessons (all, or those named): exit code 1 when one is broken."""
    from rich.console import Console
    from rich.table import Table

    from autograder.authoring import course as courses
    from autograder.authoring import verify as verifying

    course = courses.read(root.resolve())
    console = Console(highlight=False, soft_wrap=True)
    broken = 0
    for name, promises in verifying.verify_all(course, course.find(lessons)):
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


@main.command("format")
@click.argument("lessons", nargs=-1)
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 where a file would change.")
@course_option
def format_(lessons: tuple[str, ...], check: bool, root: Path) -> None:
    """Bring the Markdown of lessons into canonical form (all, or those named)."""
    from autograder.authoring import course as courses
    from autograder.authoring.canonical import canonical
    from autograder.core.files import write_whole

    course = courses.read(root.resolve())
    differ = 0
    for name in course.find(lessons):
        path = course.path(name)
        text = canonical(path)
        if text.encode() == path.read_bytes():
            continue
        differ += 1
        if not check:
            write_whole(path, text)
        click.echo(f"{'would change' if check else 'changed'} {path.relative_to(course.root)}")
    if not differ:
        click.echo("Nothing to change.")
    sys.exit(1 if check and differ else 0)


@main.command()
@click.argument("name")
@click.option("--title", required=True, help="The lesson's title, as its first line shows it.")
@course_option
def new(name: str, title: str, root: Path) -> None:
    """Start a lesson: a skeleton that builds, e.g. autograder new 04-normalizing-flows --title …"""
    from autograder.authoring.new import create

    path = create(root.resolve(), name, title)
    click.echo(f"Wrote {path.relative_to(root.resolve())} and its line in lessons/course.toml.")
    click.echo(f"Next: edit it, then autograder build {name[:2]} and autograder verify {name[:2]}.")


@main.command()
@click.argument("lesson", required=False)
@click.option("--no-browser", is_flag=True, help="Start the server only, and print its address.")
@course_option
def lab(lesson: str | None, no_browser: bool, root: Path) -> None:
    """Open a lesson in JupyterLab, in your own copy under work/ (your answers are never overwritten)."""
    from autograder.classroom import desk

    sys.exit(desk.open_lab(root.resolve(), lesson, no_browser))


def limit_options(function: Any) -> Any:
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


def settings_of(timeout: int | None, workers: int | None, no_sandbox: bool, force: bool = False) -> Any:
    """The engine's settings, as the command line gives them."""
    from dataclasses import replace

    from autograder.grading.engine import Settings, default_workers
    from autograder.grading.limits import Limits

    limits = replace(Limits(), cell_seconds=float(timeout)) if timeout else Limits()
    return Settings(limits, workers or default_workers(), 3 if no_sandbox else 2, force)


@main.command()
@click.argument("lesson")
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@click.option("--dry-run", is_flag=True, help="Show who would change and by how much; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@click.option("--student", "students", multiple=True, help="This student; may be repeated.", metavar="ID")
@limit_options
@course_option
def grade(
    lesson: str,
    force: bool,
    dry_run: bool,
    as_json: bool,
    students: tuple[str, ...],
    timeout: int | None,
    workers: int | None,
    no_sandbox: bool,
    root: Path,
) -> None:
    """Grade what was submitted, in a sandbox, into nbgrader's gradebook.db, and write grades.csv.

    Works on any nbgrader course in Python. A run that was stopped goes on where it was.
    """
    from autograder.classroom import table

    settings = settings_of(timeout, workers, no_sandbox, force)
    if dry_run:
        sys.exit(table.preview(root.resolve(), lesson, students, settings))
    sys.exit(table.grade_and_show(root.resolve(), lesson, students, settings, as_json=as_json))


@main.command()
def doctor() -> None:
    """Say which sandbox this machine gives students' code, layer by layer, and what would raise it."""
    from autograder.grading.engine import Engine
    from autograder.grading.sandbox import doctor_lines

    engine = Engine(settings_of(None, 1, no_sandbox=True))
    try:
        for line in doctor_lines(engine.report):
            click.echo(line)
    finally:
        engine.close()


@main.command()
@click.argument("lesson", required=False)
@click.option("--force", is_flag=True, help="Grade every submission again, changed or not.")
@course_option
def demo(lesson: str | None, force: bool, root: Path) -> None:
    """Build the course, make a sample class in demo/ and grade it."""
    from autograder.authoring import build as building
    from autograder.authoring import course as courses
    from autograder.classroom import demo as samples
    from autograder.classroom import table

    course = courses.read(root.resolve())
    building.build(course, course.lessons, lambda name: click.echo(f"built {name}"))
    name = course.find([lesson])[0] if lesson else course.lessons[0]
    folder = course.root / "demo"
    students = samples.write(course, name, folder)
    click.echo(f"demo/submitted: {len(students)} submissions of {name}, named by what is in them")
    code = table.grade_and_show(folder, name, (), settings_of(10, None, False, force), due=samples.DUE)
    click.echo(f"\nNext: `make lab LESSON={name[:2]}` opens the lesson as a learner sees it.")
    sys.exit(code)


@main.command()
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write.", metavar="DIR")
@course_option
def site(to: Path | None, root: Path) -> None:
    """The reading site: lessons, flashcards, glossary, notation, search, in build/site/."""
    from autograder.classroom import site as sites

    target = (to or root / "build" / "site").resolve()
    sites.build(root.resolve(), target, click.echo)
    click.echo(f"Wrote {target}. Serve it: python -m http.server --directory {target}")


@main.command()
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
