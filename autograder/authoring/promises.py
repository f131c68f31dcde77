"""What a lesson promises: a table of words and of functions that yield problems and count their cases."""

from __future__ import annotations

from collections.abc import Callable

from autograder.authoring import built_promises, grid_promises, text_promises, value_promises
from autograder.authoring.subject import Found, Subject

PROMISES: tuple[tuple[str, Callable[[Subject], Found]], ...] = (
    ("each cell has a known role, its keys and its form", text_promises.cells),
    ("the Markdown is in canonical form", text_promises.form),
    ("formulas, code, bold type and tables are closed", text_promises.closed),
    ("graded cells need no figure", text_promises.figures),
    ("graded cells draw no random numbers", text_promises.chances),
    ("an untouched stub is not attempted", value_promises.stubs),
    ("the solution is right", value_promises.solutions),
    ("the proof reaches the same value", value_promises.proofs),
    ("each mistake brings its own feedback", value_promises.mistakes),
    ("answers and mistakes are pairwise apart", value_promises.apart),
    ("check and hidden test agree to the last float", value_promises.agreement),
    ("each value is the same on every machine", grid_promises.steady),
    ("no hint or feedback gives an answer away", text_promises.hints),
    ("no reference stands before its worked solution", text_promises.references),
    ("the release holds no solution and no test", built_promises.release),
    ("links to lessons and files resolve", text_promises.links),
    ("each term is used here and defined once in the course", text_promises.terms),
    ("each flashcard has an id of its own in the course", text_promises.cards),
    ("<details> blocks are well formed", text_promises.details),
    ("each formula can be shown", text_promises.formulas),
    ("the built files are fresh", built_promises.fresh),
)
