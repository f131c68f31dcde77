"""The mistakes cell of an exercise: statements under column-0 comments `# slug: feedback`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.authoring.format.cells import Cell
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
    problems: list[Problem] = []
    groups: list[tuple[int, list[str], list[str]]] = []  # (offset, comment lines, code lines)
    for offset, line in enumerate(cell.source.splitlines()):
        if line.startswith("#"):
            # A comment right under the head continues it; a comment after code starts the next mistake.
            if groups and not any(text.strip() for text in groups[-1][2]) and not _HEAD.match(line):
                groups[-1][1].append(line)
            else:
                groups.append((offset, [line], []))
        elif groups:
            groups[-1][2].append(line)
        elif line.strip():
            problems.append(
                cell.problem(
                    "code before the first mistake's comment",
                    "Start every mistake with a line like: # bits: You used log base 2. Use the natural log.",
                    offset,
                )
            )
            break
    found: list[MistakeText] = []
    for offset, comment, code in groups:
        head = _HEAD.match(comment[0])
        if not head:
            problems.append(
                cell.problem(
                    f"{comment[0][:40]!r} is not the form of a mistake",
                    "Write: # slug: feedback, the slug in lower-case letters, digits and hyphens.",
                    offset,
                )
            )
            continue
        if not any(line.strip() for line in code):
            problems.append(
                cell.problem(
                    f"the mistake {head[1]!r} has no code",
                    "Under its comment, compute the wrong value: name = ...",
                    offset,
                )
            )
            continue
        feedback = " ".join([head[3], *(line.lstrip("# ").strip() for line in comment[1:])]).strip()
        if any(head[1] == other.slug for other in found):
            problems.append(
                cell.problem(f"two mistakes are called {head[1]!r}", "Give each its own slug.", offset)
            )
        first = cell.line + offset
        not_by = tuple(name.strip() for name in (head[2] or "").split(",") if name.strip())
        found.append(MistakeText(head[1], feedback, "\n".join(code), first, first + len(comment), not_by))
    if not groups and not problems:
        problems.append(
            cell.problem(
                "no mistakes", "Write at least one: # slug: feedback, then the code that computes it."
            )
        )
    if problems:
        raise LessonError(*problems)
    return tuple(found)
