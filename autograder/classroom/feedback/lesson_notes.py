"""Hints, worked solutions, feedback and cards of a lesson, typeset once for the pages of the whole class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from autograder.authoring.format import lesson
from autograder.authoring.format.exercise import ExerciseText
from autograder.core.errors import CourseError
from autograder.core.model import Lesson
from autograder.course import course_toml, lesson_json
from autograder.rendering import block_markdown


@dataclass(frozen=True)
class ShownCard:
    """A flashcard, typeset."""

    question: Markup
    answer: Markup


_NOTHING = Markup("")


@dataclass(frozen=True)
class Note:
    """What a page may say of one exercise. `worked` is '' where the instructor keeps it back."""

    feedback: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[Markup, ...] = ()
    prompt: Markup = _NOTHING
    worked: Markup = _NOTHING
    cards: tuple[ShownCard, ...] = ()

    @property
    def size(self) -> int:
        """The bytes that it takes on a page."""
        cards = (text for card in self.cards for text in (card.question, card.answer))
        return sum(len(text.encode()) for text in (*self.hints, self.prompt, self.worked, *cards))


@dataclass(frozen=True)
class Notes:
    """The notes of a lesson, by exercise. `worked` says whether worked solutions are in them, and why not."""

    title: str
    by_exercise: Mapping[str, Note]
    worked: bool = False
    why: str = ""
    size: int = 0
    """The bytes that all notes together take on a page."""


def read(root: Path, assignment: str, worked: bool | None) -> Notes:
    """Read the notes of a lesson; of an assignment that is not of this course's making, only its name.

    Args:
        root: The course's folder.
        assignment: The name of the lesson.
        worked: Whether worked solutions are shown; None as course.toml says.

    Returns:
        The notes, typeset.

    Raises:
        CourseError: Worked solutions are asked for and there are none.
        LessonError: The lesson's Markdown cannot be read.
    """
    known = _lesson(root, assignment)
    texts, allowed, why = _texts(root, assignment, worked)
    cards: dict[str, list[ShownCard]] = {}
    for card in known.cards:
        shown = ShownCard(
            Markup(block_markdown.line_to_html(card.question)),
            Markup(block_markdown.line_to_html(card.answer)),
        )
        cards.setdefault(card.exercise, []).append(shown)
    made = {}
    for name, exercise in known.exercises.items():
        text = texts.get(name)
        made[name] = Note(
            exercise.feedback,
            tuple(Markup(block_markdown.to_html(hint)) for hint in exercise.hints),
            Markup(block_markdown.to_html(text.prompt.source)) if text else _NOTHING,
            Markup(block_markdown.to_html("\n\n".join(cell.source for cell in text.worked)))
            if text and allowed
            else _NOTHING,
            tuple(cards.get(name, ())),
        )
    return Notes(known.title, made, allowed, why, sum(note.size for note in made.values()))


def _lesson(root: Path, assignment: str) -> Lesson:
    """The lesson as its lesson.json knows it; one without exercises where there is none."""
    for kind in ("source", "release"):
        path = root / kind / assignment / lesson_json.FILE
        if path.is_file():
            return lesson_json.read(path)
    return Lesson(assignment, assignment, 0, {}, ())


def _texts(root: Path, assignment: str, worked: bool | None) -> tuple[dict[str, ExerciseText], bool, str]:
    """The exercises as their author wrote them, whether worked solutions may be shown, and the reason."""
    path = root / "lessons" / f"{assignment}.md"
    if not path.is_file():
        if worked:
            raise CourseError(f"no worked solutions: {path} is missing. Leave out --worked.")
        return {}, False, f"{path.relative_to(root)} is not here"
    if worked is None:
        # Both values of course.toml allow it: "after-grading" keeps the worked solutions for these pages.
        course_toml.read(root)
        allowed, why = True, ""
    else:
        allowed, why = worked, "" if worked else "--no-worked"
    return {text.id: text for text in lesson.read(path).exercises}, allowed, why
