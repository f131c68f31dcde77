"""What `autograder cards` writes: a page, a PDF or an Anki package, of one lesson or of the course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.core.atomic_write import write_whole
from autograder.core.model import Card, Lesson
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.publishing import flashcard_page
from autograder.publishing.copies import lab

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
        lesson = lab.released(root, prefix)
        return [Pack(folder / lesson.id, course, lesson.title, (lesson,))]
    lessons = tuple(lab.every_released(root))
    each = [Pack(folder / lesson.id, course, lesson.title, (lesson,)) for lesson in lessons]
    return [*each, Pack(folder / EVERY, course, course.title, lessons)]


def write(pack: Pack, to: Path | None, *, pdf: bool, anki: bool) -> Iterator[str]:
    """Write a pack of cards.

    Args:
        pack: the cards.
        to: the file to write; None for the usual place.
        pdf: as a PDF beside the page.
        anki: as a package for Anki, in place of a page.

    Yields:
        A line for every file written.

    Raises:
        ToolError: where a PDF cannot be made.
    """
    count = f"{len(pack.cards)} cards"
    target = to or pack.target.with_suffix(".apkg" if anki else ".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    if anki:
        from autograder.publishing.anki import write as write_package

        write_package(pack.course, pack.lessons, target)
        yield f"Wrote {target} ({count}). Import it in Anki; importing it again updates the cards."
        return
    write_whole(target, flashcard_page.page(pack.title, pack.cards))
    yield f"Wrote {target} ({count}). Open it in a browser; it has a print button."
    if pdf:
        flashcard_page.pdf(target, target.with_suffix(".pdf"))
        yield f"Wrote {target.with_suffix('.pdf')}"
