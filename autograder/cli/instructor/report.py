"""`autograder report`: which misconceptions a graded class holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from autograder.cli.options import course_option


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
    import random

    from autograder.classroom.analysis import class_report as reports
    from autograder.classroom.reports import pseudonyms as labeling
    from autograder.classroom.reports import report_html, report_json
    from autograder.core.atomic_write import write_whole

    root = root.resolve()
    found: Any
    names: dict[str, str]
    if what == reports.TERM:
        found = reports.of_term(root, lambda name: click.echo(f"reading {name}", err=True))
        graded, name = [one.graded for one in found.lessons], reports.TERM
    else:
        found = reports.of_lesson(root, what)
        graded, name = [found.graded], found.graded.assignment
    names = {id_: one for each in graded for id_, one in each.names.items()}
    students = {id_ for each in graded for id_ in (*each.by_student, *each.absent, *each.refused)}
    who = labeling.Labels(names)
    if anonymous:
        who = labeling.hidden(names, students, random.SystemRandom().shuffle)
    term = what == reports.TERM
    page = report_html.term_page(found, who) if term else report_html.lesson_page(found, who)
    facts = report_json.of_term(found, who) if term else report_json.of_lesson(found, who)
    to = to or root / "reports" / f"{name}.html"
    to.parent.mkdir(parents=True, exist_ok=True)
    write_whole(to, page)
    if data and str(data) == "-":
        click.echo(json.dumps(facts, indent=1))
    else:
        if data:
            write_whole(data, json.dumps(facts, indent=1) + "\n")
        for line in _summary(found, term):
            click.echo(line)
    click.echo(f"Wrote {to}.", err=bool(data and str(data) == "-"))


def _summary(found: Any, term: bool) -> list[str]:
    """The report for a terminal: ideas to speak of, and lines for the author to paste."""
    from autograder.rendering import untrusted_text

    lines = []
    if term:
        for one in found.shared[:8]:
            where = f"{_count(one.times, 'answer')} in {_count(len(one.places), 'exercise')}"
            lines.append(f"{_count(len(one.holders), 'learner'):>13}  {one.name}: {where}")
    else:
        graded = found.graded
        lines.append(f"{graded.title}: {len(graded.handed_in)} handed in, median {found.median:.0%}")
        for idea in found.ideas[:5]:
            lines.append(
                f"  {idea.exercise}, {idea.name} ({len(idea.holders)} of {idea.attempted}): {idea.monday}"
            )
    pasted = [cluster for cluster in found.clusters if cluster.lines]
    if pasted:
        lines += ["", "Unknown wrong values. To paste, then to name, build and verify:"]
    for cluster in pasted[:10]:
        fits = f", which fits {cluster.relation}" if cluster.relation else ""
        lines += ["", f"  {len(cluster.holders)} learners{fits}; below {cluster.paste_after}:"]
        lines += [f"    {untrusted_text.shown(line)}" for line in cluster.lines.splitlines()]
    if lines:
        lines.append("")
    return lines


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
