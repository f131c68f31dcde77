"""The verbs of an author: new, format, build, preview, verify, site."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import course_option

if TYPE_CHECKING:
    from autograder.authoring.course import Course


@click.command()
@click.argument("lessons", nargs=-1)
@click.option("--force", is_flag=True, help="Build also the lessons of which nothing has changed.")
@course_option
def build(lessons: tuple[str, ...], force: bool, root: Path) -> None:
    """Make source/ and release/ from lessons/ (all, or those named), where something has changed.

    Nothing changes when a lesson has an error: you see where it is and what to type instead.
    """
    from autograder.authoring import build as building
    from autograder.authoring import course as courses
    from autograder.authoring import glossary, settings

    course = courses.read(root.resolve())
    built: list[str] = []

    def say(name: str) -> None:
        built.append(name)
        click.echo(f"built {name}")

    placed = building.build(course, _wanted(course, lessons), say, force)
    page = glossary.write(course)
    wrote = [file for one in placed.values() for file in one.wrote] + settings.settle(course)
    removed = [file for one in placed.values() for file in one.removed]
    for file in page:
        (wrote if (course.root / file).exists() else removed).append(file)
    for file in wrote:
        click.echo(f"  wrote {file}")
    for file in removed:
        click.echo(f"  removed {file}")
    for name, one in placed.items():
        for file in one.left:
            click.echo(f"  left {file}: not made by a build. Move it to lessons/{name}/, or away.")
    fresh = f", {len(placed) - len(built)} left alone: nothing has changed" * (len(built) < len(placed))
    count = len(wrote) + len(removed)
    click.echo(f"{len(built)} lesson{'s' * (len(built) != 1)} built, {count} files changed{fresh}.")


def _wanted(course: Course, lessons: tuple[str, ...]) -> list[str]:
    """The lessons that were named, all where none was; a word where the course has none yet."""
    if not course.lessons:
        click.echo('The course has no lesson yet. Begin one: autograder new 01-first-lesson --title "…"')
    return course.find(lessons)


@click.command()
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
    for name, promises in verifying.verify_all(course, _wanted(course, lessons)):
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


@click.command()
@click.argument("lesson")
@click.option("--solved", is_flag=True, help="The instructor's version, with solutions and hidden tests.")
@click.option("--no-browser", is_flag=True, help="Start the server only, and print its address.")
@course_option
def preview(lesson: str, solved: bool, no_browser: bool, root: Path) -> None:
    """Open a lesson in JupyterLab as it is on disk now, built where it has changed, in preview/.

    Each preview starts afresh; what learners have in work/ is left alone.
    """
    from autograder.classroom import jupyterlab
    from autograder.classroom import preview as previews

    folder = previews.prepare(root.resolve(), lesson, solved, click.echo)
    sys.exit(jupyterlab.serve(folder.parent, f"{folder.name}/{folder.name}.ipynb", no_browser))


@click.command("format")
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
    for name in _wanted(course, lessons):
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


@click.command()
@click.argument("name")
@click.option("--title", required=True, help="The lesson's title, as its first line shows it.")
@course_option
def new(name: str, title: str, root: Path) -> None:
    """Start a lesson: a skeleton that builds, e.g. autograder new 04-normalizing-flows --title …"""
    from autograder.authoring.new import create

    path = create(root.resolve(), name, title)
    click.echo(f"Wrote {path.relative_to(root.resolve())} and its line in lessons/course.toml.")
    click.echo(f"Data, pictures and modules of the lesson go into lessons/{name}/.")
    click.echo(f"Next: edit it, then autograder build {name[:2]} and autograder verify {name[:2]}.")


@click.command()
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write.", metavar="DIR")
@click.option("--lite", is_flag=True, help="Also the in-browser edition, to which the pages then link.")
@course_option
def site(to: Path | None, lite: bool, root: Path) -> None:
    """The reading site: lessons, flashcards, glossary, notation, search, in build/site/.

    With --lite, the lessons also run in the reader's browser (JupyterLite), without a server.
    """
    from autograder.classroom import site as sites

    target = (to or root / "build" / "site").resolve()
    if lite:
        from autograder.classroom.lite import build as lites

        lites.build(root.resolve(), target / "lite", click.echo)
    sites.build(root.resolve(), target, click.echo)
    click.echo(f"Wrote {target}. Serve it: python -m http.server --directory {target}")
