"""lesson.json <-> Lesson. The only module of `core` that reads a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.core.errors import CourseError
from autograder.core.kinds.registry import form_from_json
from autograder.core.model import Answer, Card, Exercise, Lesson

FILE = "lesson.json"


def read(path: Path) -> Lesson:
    """The lesson in the file `path`. Raises CourseError where the file is missing or damaged."""
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing. It belongs beside the lesson's notebook.") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CourseError(f"{path} is damaged ({error}). Fetch the lesson again.") from error


def from_json(data: dict[str, Any]) -> Lesson:
    """The lesson that `to_json` wrote."""
    head = data["lesson"]
    return Lesson(
        id=head["id"],
        title=head["title"],
        minutes=head["minutes"],
        exercises={id: _exercise(id, head["salt"], entry) for id, entry in data["exercises"].items()},
        cards=tuple(Card(**card, lesson=head["id"][:2]) for card in data["cards"]),
        version=str(head.get("version", "")),
    )


def _exercise(id: str, salt: str, entry: dict[str, Any]) -> Exercise:
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


def to_json(lesson: Lesson, salt: str, files: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`lesson` as lesson.json holds it: the keys lesson, exercises, cards, and files where it has some.

    `files` are digests of what else was built beside the notebook, by path.
    """
    version = {"version": lesson.version} if lesson.version else {}
    return {
        "lesson": {
            "id": lesson.id,
            "title": lesson.title,
            "minutes": lesson.minutes,
            "salt": salt,
            **version,
        },
        "exercises": {
            exercise.id: {
                "points": exercise.points,
                "unit": exercise.unit,
                "optional": exercise.optional,
                "hints": list(exercise.hints),
                "feedback": dict(exercise.feedback),
                "answers": {
                    answer.name: {
                        "form": answer.form.to_json(),
                        "tolerance": answer.tolerance,
                        **({"options": list(answer.options)} if answer.options else {}),
                        **({"silent_on": list(answer.silent_on)} if answer.silent_on else {}),
                        "seals": [dict(records) for records in answer.seals],
                    }
                    for answer in exercise.answers
                },
            }
            for exercise in lesson.exercises.values()
        },
        "cards": [
            {"id": card.id, "question": card.question, "answer": card.answer, "exercise": card.exercise}
            for card in lesson.cards
        ],
        **({"files": dict(files)} if files else {}),
    }


def files_beside(path: Path) -> dict[str, str]:
    """The digests that the file `path` holds of what was built beside it; none where it cannot be read."""
    try:
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
