"""What a lesson promises: a table of words and of functions that yield problems and count their cases."""

from __future__ import annotations

from collections.abc import Callable

from autograder.authoring.checks import (
    built_file_checks,
    isolation_checks,
    machine_checks,
    text_checks,
    value_checks,
)
from autograder.authoring.checks.context import Found, Subject

PROMISES: tuple[tuple[str, Callable[[Subject], Found]], ...] = (
    ("each cell has a known role, its keys and its form", text_checks.cells),
    ("the Markdown is in canonical form", text_checks.form),
    ("formulas, code, bold type and tables are closed", text_checks.closed),
    ("graded cells need no figure", text_checks.figures),
    ("a given cell above the first exercise imports check", text_checks.imports),
    ("graded cells draw no random numbers", text_checks.chances),
    ("an untouched stub is not attempted", value_checks.stubs),
    ("the solution is right", value_checks.solutions),
    ("the proof reaches the same value", value_checks.proofs),
    ("each mistake brings its own feedback", value_checks.mistakes),
    ("answers and mistakes are pairwise apart", value_checks.apart),
    ("check and hidden test agree to the last float", value_checks.agreement),
    ("each value is the same on every machine", machine_checks.steady),
    ("no hint or feedback gives an answer away", text_checks.hints),
    ("no reference stands before its worked solution", text_checks.references),
    ("each test can run apart from the learner's process", isolation_checks.apart),
    ("the release holds no solution and no test", built_file_checks.release),
    ("links to lessons and files resolve", text_checks.links),
    ("each term is used here and defined once in the course", text_checks.terms),
    ("each flashcard has an id of its own in the course", text_checks.cards),
    ("<details> blocks are well formed", text_checks.details),
    ("each formula can be shown", text_checks.formulas),
    ("the built files are fresh", built_file_checks.fresh),
)
