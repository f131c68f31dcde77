"""The verbs, one file each: parse, call, print. Each imports what it needs when it runs: --help is quick."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from autograder.core.distribution import DISTRIBUTION
from autograder.core.errors import AutograderError

VERBS = {
    "new": "author.new",
    "format": "author.format",
    "build": "author.build",
    "preview": "author.preview",
    "verify": "author.verify",
    "site": "author.site",
    "lab": "learner.lab",
    "cards": "learner.cards",
    "grade": "instructor.grade",
    "doctor": "instructor.doctor",
    "worker": "operator.worker",
    "demo": "instructor.demo",
    "roster": "instructor.roster",
    "handout": "instructor.handout",
    "collect": "instructor.collect",
    "feedback": "instructor.feedback",
    "export": "instructor.export",
    "history": "instructor.history",
    "report": "instructor.report",
    "hub": "operator.hub",
    "links": "operator.links",
}
"""Each verb, and the module below autograder.cli in which it is."""

EXAMPLES = """
\b
A learner
  autograder lab 03              open lesson 3 in JupyterLab, in your own copy
  autograder lab 03 --update     carry your work into the newest version of it
  autograder cards 03 --print    the flashcards as a page, one card a printed page

\b
An instructor
  autograder grade 03            grade submitted/*/03-…, show who holds which wrong idea
  autograder grade 03 --dry-run  what grading anew would change, before anything is written
  autograder collect export.zip  what learners handed in: from Moodle, Canvas, or a folder
  autograder feedback 03         a page a learner: the wrong idea, and how to mend it
  autograder export 03 --format moodle
  autograder report 03           which wrong ideas the class holds, and what to say on Monday
  autograder doctor              how well this machine holds students' code back
  autograder demo                a sample class, graded, in demo/
  autograder site                the course as a site to read and to host

\b
An operator
  autograder hub                 a JupyterHub class on this machine, to try
  autograder worker tcp://HOST:8786   workers of a cluster, for this:
  autograder grade 03 --scheduler tcp://HOST:8786
  autograder links https://hub.example 03   a link that opens the lesson on a hub

\b
An author
  autograder new 04-normalizing-flows --title "Normalizing flows"
  autograder format 04           bring the Markdown into its canonical form
  autograder build 04            lessons/ -> source/ and release/
  autograder preview 04          open it in JupyterLab as it is now
  autograder verify 04           check every promise of the lesson

A lesson is named by any unique start of its name: 03 is enough.
"""


class Verbs(click.Group):
    """Prints the errors that a person can mend without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; an AutograderError becomes its message and exit code 1, Ctrl-C a line and 130."""
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("\nStopped. What was done so far is kept; the same command again goes on.", err=True)
            sys.exit(130)


class VerbsByName(Verbs):
    """The verbs of VERBS. The module of one is imported when it is asked for, not before."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb's name, sorted."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of that name, or None."""
        if cmd_name not in VERBS:
            return None
        module = import_module(f"autograder.cli.{VERBS[cmd_name]}")
        commands = (one for one in vars(module).values() if isinstance(one, click.Command))
        return next(one for one in commands if one.name == cmd_name)


@click.group(cls=VerbsByName, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=DISTRIBUTION)
def main() -> None:
    """Make, study and grade a course of notebooks that names the idea behind a wrong number."""
