"""The roles, a row each: whatever must be known of a role is in its row, or in the file of its name."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.authoring.roles import cards, figure, objectives, plain, recall, terms, worked
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.role import ExerciseRole, LessonRole, Role

PROMPT = Role("exercise", ("markdown",), ("id", "optional", "options", "points", "tolerance", "unit"))
"""The first cell of an exercise."""

LESSON_ROLES = (
    LessonRole("", ("markdown", "code"), is_graded=True, emit=plain.emit),
    LessonRole("objectives", ("markdown",), folded="is the list of objectives", emit=objectives.emit),
    LessonRole("figure", ("code",), has_picture=True, emit=figure.emit),
    LessonRole(
        "recall",
        ("markdown",),
        parse=recall.parse,
        folded="is folded away as a recall question's answer",
        emit=recall.emit,
    ),
    LessonRole(
        cards.NAME,
        ("markdown",),
        ("for",),
        parse=cards.parse,
        folded="holds flashcards alone",
        away=True,
        one_line_each=True,
        emit=cards.emit,
    ),
    LessonRole(
        terms.NAME,
        ("markdown",),
        parse=terms.parse,
        folded="holds terms alone",
        away=True,
        one_line_each=True,
        emit=terms.emit,
    ),
)

EXERCISE_ROLES = (
    ExerciseRole(
        "solution",
        ("code",),
        is_graded=True,
        required="Add a code cell with :role: solution: name = ..., then the solution between its marks.",
        single=True,
        filled_in=True,
    ),
    ExerciseRole("answers", ("code",), is_graded=True, single=True),
    ExerciseRole(
        "tests",
        ("code",),
        is_graded=True,
        failed="the solution or its test is wrong. Mend one of them.",
    ),
    ExerciseRole(
        "proof",
        ("code",),
        is_graded=True,
        failed="the solution or the proof is wrong. Mend one of them.",
        required="Add a code cell with :role: proof that reaches the same value by a second route.",
        single=True,
    ),
    ExerciseRole(
        "mistakes",
        ("code",),
        is_graded=True,
        required="Add a code cell with :role: mistakes: # slug: feedback, then the wrong value.",
        single=True,
    ),
    ExerciseRole("hint", ("markdown",), folded="is shown by hint() alone", away=True),
    ExerciseRole("worked", ("markdown",), folded="is folded away under “Check your work”", emit=worked.emit),
)
"""In the order in which what is shown of them stands in the notebook, below the exercise's check."""

OF_LESSON: Mapping[str, LessonRole] = {role.name: role for role in LESSON_ROLES}
OF_EXERCISE: Mapping[str, ExerciseRole] = {role.name: role for role in EXERCISE_ROLES}
ROLES: Mapping[str, Role] = {PROMPT.name: PROMPT, **OF_LESSON, **OF_EXERCISE}


def role_of(cell: Cell) -> Role:
    """The row of a cell's role."""
    return ROLES[cell.role]
