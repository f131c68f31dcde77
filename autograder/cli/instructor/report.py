"""`autograder report`: which misconceptions a graded class holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import course_option

if TYPE_CHECKING:
    from autograder.classroom.analysis.graded_class import GradedClass
    from autograder.classroom.reports.pseudonyms import Labels


@dataclass(frozen=True)
class Report:
    """A report in all its forms: a page, facts for programs, lines for the terminal."""

    name: str
    page: str
    facts: dict[str, object]
    lines: Sequence[str]


@click.command()
@click.argument("what", metavar="LESSON|term")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page to write; reports/… where not given.",
    metavar="FILE",
)
@click.option(
    "--json",
    "data",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    help="Also write the facts as JSON (- for stdout).",
    metavar="FILE",
)
@click.option("--anonymous", is_flag=True, help="Numbers in place of names, in an order by chance.")
@course_option
def report(what: str, to: Path | None, data: Path | None, anonymous: bool, root: Path) -> None:
    """Say which wrong ideas a graded class holds, and write it as a page: reports/03-….html.

    How hard each exercise was, what to say on Monday, which mistake to write next, who may need a word. All
    is computed on this machine, nothing that a learner wrote is run. "term" takes all graded lessons.
    """
    from autograder.classroom.analysis import class_report
    from autograder.core.atomic_write import write_whole

    root = root.resolve()
    made = _of_term(root, anonymous) if what == class_report.TERM else _of_lesson(root, what, anonymous)
    to = to or root / "reports" / f"{made.name}.html"
    to.parent.mkdir(parents=True, exist_ok=True)
    write_whole(to, made.page)
    facts = json.dumps(made.facts, indent=1)
    on_stdout = str(data) == "-"
    if data and not on_stdout:
        write_whole(data, f"{facts}\n")
    for line in (facts,) if on_stdout else made.lines:
        click.echo(line)
    click.echo(f"Wrote {to}.", err=on_stdout)


def _of_lesson(root: Path, prefix: str, anonymous: bool) -> Report:
    from autograder.classroom.analysis import class_report
    from autograder.classroom.reports import report_html, report_json
    from autograder.cli.views import report as view

    found = class_report.of_lesson(root, prefix)
    labels = _labels([found.graded], anonymous)
    return Report(
        found.graded.assignment,
        report_html.lesson_page(found, labels),
        report_json.of_lesson(found, labels),
        view.lesson_lines(found),
    )


def _of_term(root: Path, anonymous: bool) -> Report:
    from autograder.classroom.analysis import class_report
    from autograder.classroom.reports import report_html, report_json
    from autograder.cli.views import report as view

    found = class_report.of_term(root, lambda name: click.echo(f"reading {name}", err=True))
    labels = _labels([lesson.graded for lesson in found.lessons], anonymous)
    return Report(
        class_report.TERM,
        report_html.term_page(found, labels),
        report_json.of_term(found, labels),
        view.term_lines(found),
    )


def _labels(graded: Sequence[GradedClass], anonymous: bool) -> Labels:
    """What learners are called in the report: their names, or numbers in an order by chance."""
    import random

    from autograder.classroom.reports import pseudonyms

    names = {id_: name for each in graded for id_, name in each.names.items()}
    students = {id_ for each in graded for id_ in (*each.by_student, *each.absent, *each.refused)}
    if anonymous:
        return pseudonyms.hidden(names, students, random.SystemRandom().shuffle)
    return pseudonyms.Labels(names)
