"""Evaluated exercises -> the Lesson of lesson.json, its answers sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from autograder.authoring.evaluation.evaluate import Evaluated
from autograder.authoring.format.exercise import ExerciseText
from autograder.authoring.format.lesson import LessonText
from autograder.core.errors import LessonError
from autograder.core.grid import misfit
from autograder.core.model import Answer, Exercise, Lesson
from autograder.core.seal import RIGHT, seal
from autograder.core.values import Leaf, Misfit, form_of, leaves


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


def _answer(evaluated: Evaluated, name: str, salt: str) -> Answer:
    text = evaluated.text
    tolerance = text.tolerances[name]
    form = form_of(evaluated.references[name])
    reference = leaves(evaluated.references[name], form)
    kinds = set(_kinds(form))
    if not reference:
        raise LessonError(
            text.solution.problem(
                f"{name}: an empty list cannot be an answer", "An answer is one value or more."
            )
        )
    if kinds <= {"integer", "choice", "bool"}:
        tolerance = 0.0
    elif tolerance == 0:
        raise LessonError(
            text.prompt.problem(f"{name} is a number and has tolerance 0", "Give it a tolerance above 0.")
        )
    if "choice" in kinds and not text.options:
        raise LessonError(
            text.prompt.problem(
                f"{name} is text and has no options", 'Add "options": ["…", "…"] to the exercise.'
            )
        )
    options = {option.strip().casefold() for option in text.options}
    for leaf in reference:
        if isinstance(leaf, str) and leaf not in options:
            raise LessonError(
                text.solution.problem(
                    f"the answer {leaf!r} is not among the options",
                    f"The options are {', '.join(text.options)}. Answer with one of them, or add it to"
                    ' the "options" of the exercise.',
                )
            )
    if text.options and "choice" not in kinds:
        raise LessonError(text.prompt.problem(f"{name} is no text and has options", 'Take "options" away.'))
    wrong = [
        (mistake.slug, _leaves_of(values[name], form))
        for mistake, values in evaluated.mistakes
        if name not in mistake.not_by
    ]
    _refuse_misfits(text, name, tolerance, reference, wrong)
    seals = []
    for index, leaf in enumerate(reference):
        place = "\0".join((salt, text.id, name, str(index)))
        mistaken: list[tuple[str, Leaf]] = [(slug, found[index]) for slug, found in wrong if found]
        try:
            seals.append(seal(place, [(RIGHT, leaf), *mistaken], tolerance))
        except ValueError as error:
            # A mistake is named by its own line.
            slug = next((slug for slug, exact in mistaken if str(error).startswith(repr(exact))), "")
            line = next((m.line for m in text.mistakes if m.slug == slug), text.solution.line)
            raise LessonError(
                text.solution.problem(
                    f"{f'the mistake {slug!r}, ' * bool(slug)}{name}: {error}",
                    "An answer is smaller than that: choose another unit.",
                    line - text.solution.line,
                )
            ) from error
    silent_on = tuple(mistake.slug for mistake in text.mistakes if name in mistake.not_by)
    return Answer(name, form, tolerance, text.options, tuple(seals), silent_on)


_BY_OTHERS = " Or, where other answers tell it, write: # slug (not by {name}): feedback"


def _refuse_misfits(
    text: ExerciseText,
    name: str,
    tolerance: float,
    reference: list[Leaf],
    wrong: Iterable[tuple[str, list[Leaf] | None]],
) -> None:
    """Raise LessonError where a value cannot be told with its tolerance on every machine."""
    lines = {mistake.slug: mistake.line for mistake in text.mistakes}
    problems = []
    # Where the answer itself does not fit, no mistake's value could: one line says it.
    answer_fits = not any(isinstance(leaf, float) and misfit(leaf, tolerance) for leaf in reference)
    for slug, found in (("", reference), *(wrong if answer_fits else ())):
        why = next(
            (why for leaf in found or () if isinstance(leaf, float) and (why := misfit(leaf, tolerance))), ""
        )
        if why:
            others = "" if not slug or len(text.names) == 1 else _BY_OTHERS.format(name=name)
            problems.append(
                text.solution.problem(
                    f"{f'the mistake {slug!r}, ' * bool(slug)}{name}: {why}",
                    f"Give it a larger tolerance, or choose numbers for which the value is smaller.{others}",
                    lines.get(slug, text.solution.line) - text.solution.line,
                )
            )
    if problems:
        raise LessonError(*problems)


def _leaves_of(value: object, form: object) -> list[Leaf] | None:
    """The leaves of a mistake's value, or None where it has not the form of the answer."""
    try:
        return leaves(value, form)
    except Misfit:
        return None


def _kinds(form: object) -> Iterable[str]:
    if isinstance(form, str):
        yield form
    else:
        for item in form.values() if isinstance(form, dict) else form:  # type: ignore[attr-defined]
            yield from _kinds(item)
