"""The verbs of a class list, on a wide terminal, and small files for them."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from autograder.cli import Verbs
from autograder.cli.instructor import collect, handout
from autograder.cli.instructor import roster as roster_verb

desk = Verbs(name="autograder", commands=[handout.handout, roster_verb.roster, collect.collect])


def run(root: Path, *words: str) -> Result:
    """Run a verb on the course in `root`, on a wide terminal."""
    return CliRunner().invoke(desk, [*words, "--course", str(root)], env={"COLUMNS": "250"})


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path
