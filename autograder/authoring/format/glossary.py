"""The course's glossary: the words that its lessons define, each with a link to where it is introduced.

A lesson lists its words in a cell of the role ``terms``, one ``word :: meaning`` a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from autograder.authoring.format.cells import read_text
from autograder.authoring.roles import terms
from autograder.authoring.roles.parts import Term
from autograder.core.atomic_write import write_whole
from autograder.course.course_toml import Course

PAGE = "docs/glossary.md"

_HEAD = re.compile(rf'^\+\+\+ \{{.*"role": "{terms.NAME}".*\}}\s*$')
_NEXT = re.compile(r"^(\+\+\+|```\{code-cell\})")


def terms_in(course: Course) -> Iterator[tuple[str, Term]]:
    """(lesson, term) for every term of the course, in its order.

    Reads the lines alone: the whole of sixteen lessons would be parsed for each build otherwise. What is
    not well formed is passed over here, and is an error where its lesson is built.
    """
    for lesson in course.lessons:
        inside = False
        for line in read_text(course.path(lesson)).splitlines():
            if _NEXT.match(line):
                inside = bool(_HEAD.match(line))
            elif inside and (match := terms.LINE.match(line)):
                yield lesson, Term(match[1], match[2])


def page(course: Course) -> str:
    """The glossary as Markdown, '' where no lesson has terms."""
    found = sorted(terms_in(course), key=lambda item: _alphabetical(item[1].word))
    if not found:
        return ""
    lines = [
        "# Glossary",
        "",
        "What the words of the course mean in it, and the lesson that introduces each.",
        "Built from the lessons by `autograder build`.",
    ]
    for lesson, term in found:
        link = f"[lesson {int(lesson[:2])}](../release/{lesson}/{lesson}.ipynb)"
        lines += ["", f"**{term.word}** ({link}): {term.meaning}"]
    return "\n".join(lines) + "\n"


def is_fresh(course: Course) -> bool:
    """Whether the page on disk is what the lessons give (no page, where they define no word)."""
    path = course.root / PAGE
    return (path.read_text(encoding="utf-8") if path.exists() else "") == page(course)


def write(course: Course) -> list[str]:
    """Bring the page up to date; returns it, relative to the course, where it changed."""
    if is_fresh(course):
        return []
    path, text = course.root / PAGE, page(course)
    if text:
        path.parent.mkdir(exist_ok=True)
        write_whole(path, text)
    else:
        path.unlink()
    return [PAGE]


def _alphabetical(word: str) -> str:
    """How a dictionary sorts: without case, accents, and signs such as `$` or `-`."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter == " ")
