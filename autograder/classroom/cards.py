"""What `autograder cards` writes: a page, a PDF or an Anki package, of one lesson or of the course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.authoring import course as courses
from autograder.authoring.course import Course
from autograder.classroom import desk
from autograder.core.exercise import Card, Lesson
from autograder.core.files import write_whole
from autograder.study import printing

EVERY = "all"
"""The name of the pack that holds every lesson's cards."""


@dataclass(frozen=True)
class Pack:
    """Cards that go into one file; `target` is that file without its ending."""

    target: Path
    course: Course
    title: str
    lessons: tuple[Lesson, ...]

    @property
    def cards(self) -> list[Card]:
        """The cards of all its lessons, in order."""
        return [card for lesson in self.lessons for card in lesson.cards]


def packs(root: Path, prefix: str | None) -> list[Pack]:
    """The pack of the lesson that `prefix` names; without one, a pack a lesson and one of all lessons."""
    course = courses.read(root)
    folder = root / "cards"
    if prefix:
        lesson = desk.released(root, prefix)
        return [Pack(folder / lesson.id, course, lesson.title, (lesson,))]
    lessons = tuple(desk.every_released(root))
    each = [Pack(folder / lesson.id, course, lesson.title, (lesson,)) for lesson in lessons]
    return [*each, Pack(folder / EVERY, course, course.title, lessons)]


def write(pack: Pack, to: Path | None, *, pdf: bool, anki: bool) -> Iterator[str]:
    """Write a pack, and yield a line for every file written. Raises ToolError where a PDF cannot be made."""
    count = f"{len(pack.cards)} cards"
    target = to or pack.target.with_suffix(".apkg" if anki else ".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    if anki:
        from autograder.classroom.anki import write as write_package

        write_package(pack.course, pack.lessons, target)
        yield f"Wrote {target} ({count}). Import it in Anki; importing it again updates the cards."
        return
    write_whole(target, printing.page(pack.title, pack.cards))
    yield f"Wrote {target} ({count}). Open it in a browser; it has a print button."
    if pdf:
        printing.pdf(target, target.with_suffix(".pdf"))
        yield f"Wrote {target.with_suffix('.pdf')}"
