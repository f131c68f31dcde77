"""Runs a lesson's own code: given cells, solutions, proofs and mistakes -> reference and wrong values.

The code is the author's and trusted. Each exercise runs in a copy of the names that the given cells
before it define, never with names from a figure or from another exercise. Code is compiled under the
lesson's own path and lines, so that a traceback points into the Markdown.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from autograder.authoring.evaluation import moved_inputs, workplace
from autograder.authoring.evaluation.failed_assertions import failed_line, failure, shown
from autograder.authoring.evaluation.process_map import in_parallel
from autograder.authoring.evaluation.time_limit import Limit, TooLong
from autograder.authoring.evaluation.time_limit import problem as hung
from autograder.authoring.evaluation.value_cache import Remembered
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.authoring.format.mistakes import MistakeText
from autograder.authoring.format.solution_stub import stub_of
from autograder.authoring.roles.cell import Cell
from autograder.authoring.roles.registry import role_of
from autograder.core.errors import LessonError, Problem
from autograder.core.kinds.registry import may_be
from autograder.core.values import graded, plain

Names = dict[str, object]
Values = Mapping[str, object]
"""Plain values by answer."""


@dataclass(frozen=True)
class Evaluated:
    """An exercise with its values, plain, by answer.

    `given` are the names before the exercise, `solved` those after its solution and answers cell.
    `computed` are the values as they came out: the solution's, then each mistake's in order.
    """

    text: ExerciseText
    given: Mapping[str, object]
    solved: Mapping[str, object]
    computed: tuple[Values, ...]

    @cached_property
    def references(self) -> Values:
        """The right values as they are graded."""
        return self._graded(self.computed[0])

    @cached_property
    def mistakes(self) -> tuple[tuple[MistakeText, Values], ...]:
        """Each mistake with its wrong values as they are sealed."""
        return tuple(zip(self.text.mistakes, map(self._graded, self.computed[1:]), strict=True))

    def _graded(self, values: Values) -> Values:
        return {name: graded(value, self.text.tolerances[name]) for name, value in values.items()}


def evaluate(
    lesson: LessonText, remembered: Remembered | None = None, moved: bool = False
) -> tuple[Evaluated, ...]:
    """The values of every exercise of `lesson`.

    Args:
        lesson: The lesson.
        remembered: The values of wrong implementations that are known and not run again, None for none.
        moved: Whether the inputs are changed in their 13th digit first (see `moved_inputs`), which shows
            values that depend on rounding.

    Raises:
        LessonError: Code of the lesson fails.
    """
    with workplace.opened(lesson.path), moved_inputs.inputs() if moved else contextlib.nullcontext():
        return _evaluate(lesson, remembered)


def _evaluate(lesson: LessonText, remembered: Remembered | None) -> tuple[Evaluated, ...]:
    found = []
    names: Names = {"__name__": "__lesson__"}
    ran: list[str] = []
    for block in lesson.blocks:
        if not isinstance(block, Cell):
            found.append(_exercise(block, names, ran, remembered))
        elif block.kind == "code" and role_of(block).is_graded:
            before = dict(names)
            run(block, names)
            moved_inputs.move(names, before)
            ran.append(block.source)
    if remembered:
        remembered.save()
    return tuple(found)


def _exercise(text: ExerciseText, given: Names, ran: list[str], remembered: Remembered | None) -> Evaluated:
    solved = solve(text, given)
    right = {name: _plain(text, name, solved[name], text.solution.line) for name in text.names}
    if text.answers:
        wrong = _wrong_implementations(text, given, ran, remembered)
    else:
        wrong = [_mistake(text, given, mistake) for mistake in text.mistakes]
    return Evaluated(text, dict(given), solved, (right, *wrong))


def _wrong_implementations(
    text: ExerciseText, given: Names, ran: list[str], remembered: Remembered | None
) -> list[Mapping[str, object]]:
    """The values of wrong implementations; each may run for seconds, so all cores take part."""
    if remembered is None:
        return list(in_parallel(lambda mistake: _mistake(text, given, mistake), text.mistakes))
    keys = [remembered.key(ran, text, mistake) for mistake in text.mistakes]
    values = {key: known for key in keys if (known := remembered.get(key)) is not None}
    new = [(key, one) for key, one in zip(keys, text.mistakes, strict=True) if key not in values]
    made = in_parallel(lambda item: _mistake(text, given, item[1]), new)
    values |= {key: value for (key, _), value in zip(new, made, strict=True)}
    for key in keys:
        remembered.put(key, values[key])
    return [values[key] for key in keys]


def _mistake(text: ExerciseText, given: Names, mistake: MistakeText) -> dict[str, object]:
    """The wrong values that a mistake gives."""
    # It runs where the whole solution has run: for functions, it redefines only what is wrong.
    names = solve(text, given, answers=False)
    run(text.solution, names, mistake.code, mistake.code_line, "mistakes")
    if text.answers:
        run(text.answers, names)
    whose = f"the mistake {mistake.slug!r}, "
    return {name: _plain(text, name, names[name], mistake.line, whose) for name in text.names}


def _plain(text: ExerciseText, name: str, value: object, line: int, whose: str = "") -> object:
    """`value` as plain Python. Raises LessonError where it cannot be an answer."""
    try:
        return plain(value)
    except TypeError as error:
        raise LessonError(
            text.solution.problem(
                f"{whose}{name}: {error}",
                f"An answer is {may_be()}.",
                line - text.solution.line,
            )
        ) from error


def solve(text: ExerciseText, given: Mapping[str, object], answers: bool = True) -> Names:
    """Run the solution of an exercise in a copy of the given names.

    Args:
        text: The exercise.
        given: The names before it.
        answers: Whether the answers cell of a coding exercise is run, too.

    Returns:
        All names afterwards.

    Raises:
        LessonError: Its code fails, or sets no value for an answer.
    """
    names = dict(given)
    run(text.solution, names)
    if answers and text.answers:
        run(text.answers, names)
    missing = [name for name in text.names if answers and names.get(name, ...) is ...]
    if missing:
        raise LessonError(
            text.solution.problem(f"the solution never sets {missing[0]}", f"Assign it: {missing[0]} = …")
        )
    return names


def stubbed(text: ExerciseText, given: Mapping[str, object]) -> Names:
    """The names after the stub that a learner gets ran in a copy of `given`."""
    names = dict(given)
    run(text.solution, names, stub_of(text.solution), text.solution.line)
    if text.answers:
        try:
            run(text.answers, names)
        except LessonError as error:
            raise LessonError(*(_on_a_stub(one) for one in error.problems)) from error
    return names


def _on_a_stub(problem: Problem) -> Problem:
    return Problem(
        problem.path,
        problem.line,
        f"this line fails on the untouched stub, whose functions return None: {problem.problem}",
        "The answers cell also runs before a learner has written anything. Only call the functions in it, and"
        " pass their results on to functions of the solution: indexing and arithmetic belong there.",
    )


def prove(one: Evaluated) -> None:
    """Run the proof of an exercise. Raises LessonError with the values of its answers where it fails."""
    try:
        run(one.text.proof, dict(one.solved))
    except LessonError as error:
        values = ", ".join(f"{name} = {shown(one.solved[name])}" for name in one.text.names)
        raise LessonError(
            *(
                Problem(found.path, found.line, f"{found.problem}. The solution gives {values}", found.remedy)
                for found in error.problems
            )
        ) from error


def run(
    cell: Cell, names: Names, code: str | None = None, line: int | None = None, role: str | None = None
) -> object:
    """Run code of a cell, with a time limit and without its output.

    Args:
        cell: The cell.
        names: The namespace in which it runs, and which it changes.
        code: A part of the cell, or other code in its place; None for all of the cell.
        line: The 1-based line of the file on which `code` begins, None for the cell's own.
        role: The role that an error names, None for the cell's own.

    Returns:
        The value of the last statement where it is an expression, else None.

    Raises:
        LessonError: The code failed, with the line where it did.
    """
    source = cell.source if code is None else code
    first = cell.line if line is None else line
    tree: ast.Module | None = None
    try:
        with workplace.at_work(cell.path), workplace.quiet(), Limit(cell.path, first):
            # Blank lines in front put the code on its own lines of the file.
            tree = moved_inputs.moved(ast.parse("\n" * (first - 1) + source, str(cell.path)))
            last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            body = ast.Module(tree.body[:-1] if last else tree.body, [])
            exec(compile(body, str(cell.path), "exec"), names)
            if last:
                return eval(compile(ast.Expression(last.value), str(cell.path), "eval"), names)
    except TooLong as late:
        raise LessonError(hung(cell.path, late.line)) from None
    except (Exception, SystemExit) as error:
        words, remedy = failure(error, cell, tree, role or cell.role or "given")
        raise LessonError(
            cell.problem(words, remedy, failed_line(error, cell.path, first) - cell.line)
        ) from error
    return None
