"""A recall question, with its answer folded away: question, a line `---` between blank lines, answer."""

from __future__ import annotations

from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.notebook_writer import NotebookWriter, folded
from autograder.authoring.roles.parts import Parts
from autograder.core.errors import LessonError


def parse(cell: Cell, parts: Parts) -> None:
    """Raise LessonError where the cell is no question and answer."""
    question_and_answer(cell)


def emit(cell: Cell, notebook: NotebookWriter) -> None:
    """The question with its number, and the answer where a click opens it."""
    question, answer = question_and_answer(cell)
    id = notebook.numbered("recall")
    number = id.removeprefix("recall-")
    notebook.markdown(
        id, f"**Question {number}.** {question}\n\n{folded(f'Answer to question {number}', answer)}"
    )


def question_and_answer(cell: Cell) -> tuple[str, str]:
    """The question and the answer of a recall cell. Raises LessonError where it is not of that form."""
    lines = cell.source.splitlines()
    marks = [number for number, line in enumerate(lines) if line.strip() == "---"]
    if len(marks) != 1:
        raise LessonError(
            cell.problem(
                f"a recall cell with {'no' if not marks else len(marks)} `---` line{'s' * (len(marks) > 1)}",
                "Write the question, a blank line, ---, a blank line, and the answer.",
            )
        )
    at = marks[0]
    question, answer = "\n".join(lines[:at]), "\n".join(lines[at + 1 :])
    between_blanks = question.endswith("\n") and answer.startswith("\n")
    if not (between_blanks and question.strip() and answer.strip()):
        raise LessonError(
            cell.problem(
                "the `---` of a recall must stand between blank lines, a question above and an answer below",
                "Put one blank line before and one after the ---.",
                at,
            )
        )
    return question.strip(), answer.strip()
