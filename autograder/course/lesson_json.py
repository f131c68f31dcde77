"""lesson.json <-> Lesson. No other module reads or writes that file as a lesson."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from autograder.core.errors import CourseError
from autograder.core.kinds.form import FormJson
from autograder.core.kinds.registry import form_from_json
from autograder.core.model import Answer, Card, Exercise, Lesson
from autograder.core.schema_versions import NewerSchema, Schema, numbered

FILE = "lesson.json"
SCHEMA = Schema(upgrades=(numbered,))
"""Version 1 has no number; all else is as in version 2."""


class _Options(TypedDict, total=False):
    options: list[str]


class _Silent(TypedDict, total=False):
    silent_on: list[str]


class AnswerData(_Options, _Silent):
    """An answer; `seals` holds the records of each leaf by tag."""

    form: FormJson
    tolerance: float
    seals: list[dict[str, str]]


class ExerciseData(TypedDict):
    """An exercise; feedback is by mistake, answers by name."""

    points: float
    unit: str
    optional: bool
    hints: list[str]
    feedback: dict[str, str]
    answers: dict[str, AnswerData]


class CardData(TypedDict):
    """A flashcard."""

    id: str
    question: str
    answer: str
    exercise: str


class LessonHead(TypedDict):
    """The lesson itself."""

    id: str
    title: str
    minutes: int
    salt: str
    version: NotRequired[str]


class LessonData(TypedDict):
    """The whole file. `files` are digests of what else was built beside the notebook, by path."""

    schema: int
    lesson: LessonHead
    exercises: dict[str, ExerciseData]
    cards: list[CardData]
    files: NotRequired[dict[str, str]]


def read(path: Path) -> Lesson:
    """The lesson in the file `path`, of any version.

    Raises CourseError where the file is missing or damaged, or of a newer version than this package knows.
    """
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing. It belongs beside the lesson's notebook.") from error
    except NewerSchema as newer:
        raise CourseError(f"{path} {newer}") from None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged ({error}). Fetch the lesson again.") from error


def from_json(found: object) -> Lesson:
    """The lesson that `to_json` wrote, now or in an older version.

    Raises NewerSchema, and ValueError, LookupError, TypeError or AttributeError where it is damaged.
    """
    data = cast(LessonData, SCHEMA.read(found))
    head = data["lesson"]
    return Lesson(
        id=head["id"],
        title=head["title"],
        minutes=head["minutes"],
        exercises={id: _exercise(id, head["salt"], entry) for id, entry in data["exercises"].items()},
        cards=tuple(Card(**card, lesson=head["id"][:2]) for card in data["cards"]),
        version=str(head.get("version", "")),
    )


def _exercise(id: str, salt: str, entry: ExerciseData) -> Exercise:
    return Exercise(
        id=id,
        points=entry["points"],
        answers=tuple(
            Answer(
                name=name,
                form=form_from_json(answer["form"]),
                tolerance=answer["tolerance"],
                options=tuple(answer.get("options", ())),
                seals=tuple(answer["seals"]),
                silent_on=tuple(answer.get("silent_on", ())),
            )
            for name, answer in entry["answers"].items()
        ),
        feedback=entry["feedback"],
        hints=tuple(entry["hints"]),
        salt=salt,
        unit=entry["unit"],
        optional=entry["optional"],
    )


def to_json(lesson: Lesson, salt: str, files: Mapping[str, str] | None = None) -> LessonData:
    """`lesson` as lesson.json holds it.

    Args:
        lesson: The lesson, its answers sealed.
        salt: What its seals were made with.
        files: Digests of what else was built beside the notebook, by path.
    """
    head: LessonHead = {"id": lesson.id, "title": lesson.title, "minutes": lesson.minutes, "salt": salt}
    if lesson.version:
        head["version"] = lesson.version
    data: LessonData = {
        "schema": SCHEMA.version,
        "lesson": head,
        "exercises": {exercise.id: _exercise_data(exercise) for exercise in lesson.exercises.values()},
        "cards": [
            {"id": card.id, "question": card.question, "answer": card.answer, "exercise": card.exercise}
            for card in lesson.cards
        ],
    }
    if files:
        data["files"] = dict(files)
    return data


def _exercise_data(exercise: Exercise) -> ExerciseData:
    return {
        "points": exercise.points,
        "unit": exercise.unit,
        "optional": exercise.optional,
        "hints": list(exercise.hints),
        "feedback": dict(exercise.feedback),
        "answers": {answer.name: _answer_data(answer) for answer in exercise.answers},
    }


def _answer_data(answer: Answer) -> AnswerData:
    options: _Options = {"options": list(answer.options)} if answer.options else {}
    silent: _Silent = {"silent_on": list(answer.silent_on)} if answer.silent_on else {}
    return {
        "form": answer.form.to_json(),
        "tolerance": answer.tolerance,
        **options,
        **silent,
        "seals": [dict(records) for records in answer.seals],
    }


def files_beside(path: Path) -> dict[str, str]:
    """The digests that the file `path` holds of what was built beside it; none where it cannot be read."""
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
