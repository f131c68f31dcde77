"""Evaluated exercises -> the Lesson of lesson.json, its answers sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.core.errors import LessonError
from autograder.core.kinds.form import Form, Leaf, Misfit
from autograder.core.kinds.grid import misfit
from autograder.core.kinds.registry import form_of
from autograder.core.model import Answer, Exercise, Lesson
from autograder.core.seal import RIGHT, place_of, seal


def seal_lesson(text: LessonText, evaluated: Iterable[Evaluated]) -> Lesson:
    """`text` as lesson.json will hold it. Raises LessonError where a value cannot be an answer."""
    return Lesson(
        id=text.id,
        title=text.title,
        minutes=text.minutes,
        exercises={one.text.id: seal_exercise(one, salt_of(text.id)) for one in evaluated},
        cards=text.cards,
    )


def salt_of(lesson_id: str) -> str:
    """The salt of a lesson: derived, so that a build is the same everywhere."""
    return hashlib.blake2b(lesson_id.encode(), digest_size=8).hexdigest()


def seal_exercise(evaluated: Evaluated, salt: str) -> Exercise:
    """One exercise, its references and mistakes sealed leaf by leaf."""
    text = evaluated.text
    return Exercise(
        id=text.id,
        points=text.points,
        answers=tuple(_answer(evaluated, name, salt) for name in text.names),
        feedback={mistake.slug: mistake.feedback for mistake in text.mistakes},
        hints=tuple(cell.source for cell in text.hints),
        salt=salt,
        unit=text.unit,
        optional=text.optional,
    )


Mistaken = tuple[str, list[Leaf] | None]
"""A mistake's slug and its leaves at one answer, None where its value has not the form of the answer."""


def _answer(evaluated: Evaluated, name: str, salt: str) -> Answer:
    text = evaluated.text
    form = form_of(evaluated.references[name])
    reference = list(form.leaves(evaluated.references[name]))
    if not reference:
        raise LessonError(
            text.solution.problem(
                f"{name}: an empty list cannot be an answer", "An answer is one value or more."
            )
        )
    tolerance = _tolerance(text, name, form)
    _refuse_wrong_options(text, name, form, reference)
    wrong = [
        (mistake.slug, _leaves_of(values[name], form))
        for mistake, values in evaluated.mistakes
        if name not in mistake.not_by
    ]
    _refuse_misfits(text, name, tolerance, [("", reference), *wrong])
    seals = []
    for index, (kind, leaf) in enumerate(zip(form.leaf_forms(), reference, strict=True)):
        mistaken = [(slug, found[index]) for slug, found in wrong if found]
        place = place_of(salt, text.id, name, index)
        try:
            seals.append(seal(place, kind, [(RIGHT, leaf), *mistaken], tolerance))
        except ValueError as error:
            raise _too_large(text, name, mistaken, error) from error
    silent_on = tuple(mistake.slug for mistake in text.mistakes if name in mistake.not_by)
    return Answer(name, form, tolerance, text.options, tuple(seals), silent_on)


def _tolerance(text: ExerciseText, name: str, form: Form) -> float:
    """The tolerance of an answer, 0.0 where no leaf has one."""
    if not form.needs_tolerance:
        return 0.0
    if text.tolerances[name] == 0:
        raise LessonError(
            text.prompt.problem(f"{name} is a number and has tolerance 0", "Give it a tolerance above 0.")
        )
    return text.tolerances[name]


def _refuse_wrong_options(text: ExerciseText, name: str, form: Form, reference: Sequence[Leaf]) -> None:
    """Raise LessonError where options are missing, or are none of this answer's."""
    kinds = form.leaf_forms()
    asks = any(kind.has_options for kind in kinds)
    if asks and not text.options:
        raise LessonError(
            text.prompt.problem(
                f"{name} is text and has no options", 'Add "options": ["…", "…"] to the exercise.'
            )
        )
    options = frozenset(option.strip().casefold() for option in text.options)
    for kind, leaf in zip(kinds, reference, strict=True):
        if options and not kind.is_option(leaf, options):
            raise LessonError(
                text.solution.problem(
                    f"the answer {leaf!r} is not among the options",
                    f"The options are {', '.join(text.options)}. Answer with one of them, or add it to"
                    ' the "options" of the exercise.',
                )
            )
    if options and not asks:
        raise LessonError(text.prompt.problem(f"{name} is no text and has options", 'Take "options" away.'))


def _too_large(
    text: ExerciseText, name: str, mistaken: Iterable[tuple[str, Leaf]], error: ValueError
) -> LessonError:
    """What `seal` cannot seal, as a problem of the line that it comes from.

    Args:
        text: The exercise.
        name: The answer.
        mistaken: The leaves of its mistakes, by slug.
        error: The error that `seal` raised; its message begins with the leaf.
    """
    # A mistake is named by its own line.
    slug = next((slug for slug, exact in mistaken if str(error).startswith(repr(exact))), "")
    line = next((m.line for m in text.mistakes if m.slug == slug), text.solution.line)
    return LessonError(
        text.solution.problem(
            f"{f'the mistake {slug!r}, ' * bool(slug)}{name}: {error}",
            "An answer is smaller than that: choose another unit.",
            line - text.solution.line,
        )
    )


_BY_OTHERS = " Or, where other answers tell it, write: # slug (not by {name}): feedback"


def _refuse_misfits(text: ExerciseText, name: str, tolerance: float, values: Sequence[Mistaken]) -> None:
    """Raise LessonError where a value cannot be told with its tolerance on every machine.

    Args:
        text: The exercise.
        name: The answer.
        tolerance: Its tolerance.
        values: The leaves of the reference, under the slug '', then those of each mistake.
    """
    lines = {mistake.slug: mistake.line for mistake in text.mistakes}
    problems = []
    for slug, found in values:
        why = next((why for leaf in found or () if (why := _why_not_told(leaf, tolerance))), "")
        if why:
            others = "" if not slug or len(text.names) == 1 else _BY_OTHERS.format(name=name)
            problems.append(
                text.solution.problem(
                    f"{f'the mistake {slug!r}, ' * bool(slug)}{name}: {why}",
                    f"Give it a larger tolerance, or choose numbers for which the value is smaller.{others}",
                    lines.get(slug, text.solution.line) - text.solution.line,
                )
            )
            if not slug:  # where the answer itself does not fit, no mistake's value could: one line says it
                break
    if problems:
        raise LessonError(*problems)


def _why_not_told(leaf: Leaf, tolerance: float) -> str:
    return misfit(leaf, tolerance) if isinstance(leaf, float) else ""


def _leaves_of(value: object, form: Form) -> list[Leaf] | None:
    """The leaves of a mistake's value, or None where it has not the form of the answer."""
    try:
        return list(form.leaves(value))
    except Misfit:
        return None
