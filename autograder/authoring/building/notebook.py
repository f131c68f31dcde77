"""LessonText and its values -> the instructor's notebook. What a cell becomes is said in its role's file."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograder.authoring.building import setup_cell
from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.evaluation.prepare import Picture
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, nbgrader
from autograder.authoring.roles.registry import EXERCISE_ROLES, OF_LESSON
from autograder.core.cell_tags import NOT_GRADED
from autograder.core.kinds.registry import form_of
from autograder.core.lazy_imports import lean_nbformat
from autograder.core.python_literals import number

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

PROGRESS = """\
# What is done, what is due, and what comes next; progress("all") shows all lessons.
from autograder import progress

progress()"""


def notebook_of(
    lesson: LessonText,
    evaluated: Iterable[Evaluated],
    pictures: Iterable[Picture],
    worked_open: bool,
    repository: str = "",
) -> NotebookNode:
    """The instructor's notebook: solutions and hidden tests in it, proofs and mistakes not.

    Args:
        lesson: The lesson as its author wrote it.
        evaluated: Its exercises with their values.
        pictures: The figures' pictures in order, shown where no kernel runs.
        worked_open: Whether the worked solutions are in the notebook; else they are left out.
        repository: Where Colab finds the course, '' where it is not public.
    """
    values = {one.text.id: one for one in evaluated}
    roles = [block.role for block in lesson.blocks if isinstance(block, Cell)]
    writer = NotebookWriter(lesson.number, lesson.minutes, worked_open, roles, pictures)
    is_set_up = False
    for block in lesson.blocks:
        if not is_set_up and not (isinstance(block, Cell) and block.kind == "markdown"):
            _set_up(writer, setup_cell.source(lesson.id, repository))
            is_set_up = True
        if isinstance(block, ExerciseText):
            _exercise(writer, block, values[block.id])
        else:
            writer.begins(block.role)
            OF_LESSON[block.role].emit(block, writer)
    if lesson.exercises:
        writer.code("progress", PROGRESS, {"tags": [NOT_GRADED]})
    return _notebook(writer.cells)


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    nbformat = lean_nbformat()
    notebook: NotebookNode = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
        }
    )
    notebook.nbformat_minor = 5
    return notebook


def _set_up(writer: NotebookWriter, source: str) -> None:
    """The cell before the first that needs a kernel."""
    metadata: dict[str, object] = {"jupyter": {"source_hidden": True}, "tags": ["hide-input", NOT_GRADED]}
    writer.code("setup", source, metadata)


def _exercise(writer: NotebookWriter, text: ExerciseText, values: Evaluated) -> None:
    """An exercise: prompt, the cell to fill in, the grade cell, and what its other cells add below."""
    writer.markdown(f"{text.id}-prompt", f"{text.prompt.source}\n\n{_about(text)}")
    answer = f"{text.id}-answer"
    writer.code(answer, text.solution.source, nbgrader(answer, solution=True))
    metadata = nbgrader(text.id, grade=True, locked=True, points=text.points)
    # The tag lets "Run All" go on past an answer that is not right yet.
    metadata["tags"] = ["raises-exception"]
    writer.code(f"{text.id}-check", grade_source(text, values), metadata)
    for role in EXERCISE_ROLES:
        if text.own[role.name]:
            role.emit(text.id, text.own[role.name], writer)


def _about(text: ExerciseText) -> str:
    points = f"{text.points:g} point{'' if text.points == 1 else 's'}"
    parts = [f"`{text.id}`", points]
    if text.optional:
        parts.append("optional")
    if text.unit and text.unit != "-":
        parts.append(f"answer in {html.escape(text.unit)}")
    if text.options:
        parts.append("one of " + ", ".join(f'`"{option}"`' for option in text.options))
    if text.hints:
        parts.append(f'stuck? run `hint("{text.id}")` in a new cell')
    return "*" + " · ".join(parts) + "*"


def grade_source(text: ExerciseText, values: Evaluated) -> str:
    """The grade cell: the visible check, and below it the hidden asserts against the references."""
    call = ", ".join(f"{name}={name}" for name in text.names)
    visible = f'check("{text.id}", {call})'
    if text.answers:
        visible = f"{text.answers.source}\n\n{visible}"
    hidden = ["from autograder.core.values import same"]
    for name in text.names:
        form = form_of(values.references[name])
        within = f", within={number(text.tolerances[name])}" if form.needs_tolerance else ""
        hidden.append(f"assert same({name}, {form.literal(values.references[name])}{within})")
    hidden += [cell.source for cell in text.tests]
    return "\n".join([visible, "### BEGIN HIDDEN TESTS", *hidden, "### END HIDDEN TESTS"])
