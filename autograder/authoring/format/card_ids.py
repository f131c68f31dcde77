"""What a flashcard is called: `{#id}` at the end of its line, which stays as the card is edited and moved.

A learner's schedule, in their log and in Anki, hangs on that id. `autograder format` writes it; where a line
has none yet, it is derived from the question, so that it is the same until then.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.authoring.roles import cards
from autograder.authoring.roles.cell import Cell
from autograder.core.errors import CourseError, LessonError, Problem
from autograder.course import lesson_json

_HEAD = re.compile(r"^\+\+\+ (\{.*\})\s*$")
_ROLE = f'"role": "{cards.NAME}"'


def written(text: str, path: Path) -> str:
    """The text of a lesson (the file `path`) with an id on every card's line.

    A card that the last build gave an id to keeps that one.
    """
    known = _built(path)
    taken = {match[3] for line in text.splitlines() if (match := cards.LINE.match(line)) and match[3]}
    lines, is_inside = [], False
    for line in text.splitlines(keepends=True):
        head = _HEAD.match(line)
        if head:
            is_inside = _ROLE in head[1]
        elif line.startswith(("+++", "```")):
            is_inside = False
        match = cards.LINE.match(line) if is_inside else None
        if match and match[3] is None:
            id = known.get(match[1], "")
            id = id if id and id not in taken else cards.first_id(path.stem, match[1])
            body = line.rstrip()
            line = f"{body} {{#{id}}}{line[len(body) :].lstrip(' ')}"
            taken.add(id)
        lines.append(line)
    return "".join(lines)


def keeps_its_cards(path: Path, cells: tuple[Cell, ...]) -> None:
    """Raise LessonError where a card would lose the id under which learners know it from the last build."""
    known = _built(path)
    lines = list(cards.lines(cells))
    used = {match[3] for _, _, match in lines if match[3]}
    problems: list[Problem] = []
    for cell, offset, match in lines:
        id = known.get(match[1], "")
        if match[3] is None and id and id not in used and id != cards.first_id(path.stem, match[1]):
            remedy = f"Run: autograder format {path.stem[:2]}, which writes {{#{id}}} at the end of its line."
            problems.append(
                cell.problem(f"learners know this card as {id}, and its line does not say so", remedy, offset)
            )
    if problems:
        raise LessonError(*problems)


def in_other_lessons(path: Path) -> dict[str, str]:
    """By id, the other lesson of the course in whose Markdown a card has it."""
    found: dict[str, str] = {}
    for other in sorted(path.parent.glob("[0-9][0-9]-*.md")):
        if other != path:
            matches = map(cards.LINE.match, other.read_text(encoding="utf-8", errors="replace").splitlines())
            found |= {match[3]: other.stem for match in matches if match and match[3]}
    return found


def _built(path: Path) -> dict[str, str]:
    """By question, the ids of the cards of the last build; none where there is none to read."""
    release = path.resolve().parents[1] / "release" / path.stem / lesson_json.FILE
    try:
        return {card.question: card.id for card in lesson_json.read(release).cards}
    except CourseError:
        return {}
