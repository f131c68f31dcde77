"""The mistakes cell of an exercise: statements under column-0 comments `# slug: feedback`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.authoring.roles.cell import Cell
from autograder.core.errors import LessonError, Problem

_HEAD = re.compile(r"^# ([a-z][a-z0-9-]*)(?: \(not by ([\w, ]+)\))?: (\S.*)$")


@dataclass(frozen=True)
class MistakeText:
    """A typical mistake as its author wrote it: code that computes the wrong value, and what to say of it.

    By the answers in `not_by` it is not recognized: there its value trembles, or has no bounds, as where a
    training diverges. The others tell it.
    """

    slug: str
    feedback: str
    code: str
    line: int
    """The 1-based line of the mistake's comment; the code's lines follow it in the file."""
    code_line: int
    not_by: tuple[str, ...] = ()


def read(cell: Cell) -> tuple[MistakeText, ...]:
    """The mistakes in a mistakes cell, in order. Raises LessonError."""
    sections = _sections(cell.source)
    problems = list(_problems(cell, sections))
    if problems:
        raise LessonError(*problems)
    return tuple(_mistake(cell, section, head) for section in sections if (head := section.head))


@dataclass
class _Section:
    """A comment, its first line at `offset` in the cell, and the code below it, line by line.

    Without a comment: code above the first one.
    """

    offset: int
    comment: list[str]
    code: list[str] = field(default_factory=list)

    @property
    def has_code(self) -> bool:
        return any(line.strip() for line in self.code)

    @property
    def head(self) -> re.Match[str] | None:
        """The first line of the comment: slug, answers that do not tell the mistake, feedback."""
        return _HEAD.match(self.comment[0]) if self.comment else None


def _sections(source: str) -> list[_Section]:
    found: list[_Section] = []
    for offset, line in enumerate(source.splitlines()):
        if line.startswith("#"):
            # A comment right under the head continues it; a comment after code starts the next mistake.
            if found and not found[-1].has_code and not _HEAD.match(line):
                found[-1].comment.append(line)
            else:
                found.append(_Section(offset, [line]))
        elif found:
            found[-1].code.append(line)
        elif line.strip():
            return [_Section(offset, [], [line])]
    return found


def _problems(cell: Cell, sections: list[_Section]) -> Iterator[Problem]:
    if not sections:
        remedy = "Write at least one: # slug: feedback, then the code that computes it."
        yield cell.problem("no mistakes", remedy)
    slugs: set[str] = set()
    for section in sections:
        problem = _problem(section, slugs)
        if problem:
            yield cell.problem(*problem, section.offset)
        elif section.head:
            slugs.add(section.head[1])


def _problem(section: _Section, slugs: set[str]) -> tuple[str, str] | None:
    """What is wrong with a mistake, and the remedy; `slugs` are those of the mistakes above it."""
    if not section.comment:
        return (
            "code before the first mistake's comment",
            "Start every mistake with a line like: # bits: You used log base 2. Use the natural log.",
        )
    head = section.head
    if not head:
        return (
            f"{section.comment[0][:40]!r} is not the form of a mistake",
            "Write: # slug: feedback, the slug in lower-case letters, digits and hyphens.",
        )
    if not section.has_code:
        return (
            f"the mistake {head[1]!r} has no code",
            "Under its comment, compute the wrong value: name = ...",
        )
    if head[1] in slugs:
        return f"two mistakes are called {head[1]!r}", "Give each its own slug."
    return None


def _mistake(cell: Cell, section: _Section, head: re.Match[str]) -> MistakeText:
    feedback = " ".join([head[3], *(line.lstrip("# ").strip() for line in section.comment[1:])]).strip()
    first = cell.line + section.offset
    not_by = tuple(name.strip() for name in (head[2] or "").split(",") if name.strip())
    code = "\n".join(section.code)
    return MistakeText(head[1], feedback, code, first, first + len(section.comment), not_by)
