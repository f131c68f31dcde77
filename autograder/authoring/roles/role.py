"""The form of a row in the table of roles (`registry`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter
from autograder.authoring.roles.parts import Parts


def no_form(cell: Cell, parts: Parts) -> None:
    """The text of the cell has no form of its own: whatever it is, it is read."""


def not_shown(exercise: str, cells: Sequence[Cell], notebook: NotebookWriter) -> None:
    """Add nothing: the cells have no place of their own in the notebook.

    Args:
        exercise: The id of the exercise.
        cells: Its cells of this role.
        notebook: The notebook to add to.
    """


@dataclass(frozen=True)
class Role:
    """What a cell of this role may be, and what becomes of it.

    `kinds` are "markdown" and "code", `keys` the metadata keys that it may have besides the role. `parse`
    holds a cell against the form of the role, and adds to the lesson's parts; it raises LessonError.
    """

    name: str
    kinds: tuple[str, ...]
    keys: tuple[str, ...] = ()
    parse: Callable[[Cell, Parts], None] = no_form
    is_graded: bool = False
    """Graded values depend on this code: it needs no name of a figure, and draws no random numbers."""
    folded: str = ""
    """Where its text is no part of the page: what becomes of it. A heading in it is refused."""
    away: bool = False
    """Its text is also shown where no file lies beside it."""
    one_line_each: bool = False
    """Each line is one item, `left :: right`, and is typeset by itself."""
    has_picture: bool = False
    """The code ends in a figure, whose picture is stored in the notebook."""
    failed: str = ""
    """What its author is told besides where an assert of its code fails."""


@dataclass(frozen=True)
class LessonRole(Role):
    """A role of cells that stand by themselves in a lesson."""

    emit: Callable[[Cell, NotebookWriter], None] = field(kw_only=True)
    """Adds the notebook's cells for one cell of the lesson."""


@dataclass(frozen=True)
class ExerciseRole(Role):
    """A role of cells that belong to the exercise above them."""

    required: str = ""
    """Each exercise has such a cell; where it has none, this is the remedy that its author is told."""
    single: bool = False
    """An exercise has no two of them."""
    filled_in: bool = False
    """It is the cell that the learner fills in, right below the prompt."""
    emit: Callable[[str, Sequence[Cell], NotebookWriter], None] = not_shown
    """Adds, below the check, the notebook's cells for all cells of this role of the exercise with this id."""
