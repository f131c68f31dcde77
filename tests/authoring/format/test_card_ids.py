"""A card's id: written once, kept when the card is edited or moved, and where it is older than ids."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring.building.build import build
from autograder.authoring.checks.verify import verify
from autograder.authoring.format import card_ids, lesson
from autograder.authoring.format.formatter import canonical
from autograder.authoring.roles import cards
from autograder.cli import main
from autograder.core.errors import LessonError
from autograder.course import course_toml as courses
from autograder.course import lesson_json
from autograder.course.course_toml import Course
from autograder.study import schedule
from autograder.study.learner_log import Attempt, Review
from tests.support.builds import change

NAME = "01-coins"
FIRST = r"What is the entropy of a coin? :: $H(p) = -\sum_x p(x) \ln p(x)$ {#01-card-1}"
SECOND = "Which coin has the largest entropy? :: The fair one. {#01-card-2}"
ROOT = Path(__file__).resolve().parents[3]


def ids(course: Course, name: str = NAME) -> dict[str, str]:
    """The ids of the built cards, by question."""
    cards = lesson_json.read(course.root / "release" / name / lesson_json.FILE).cards
    return {card.question: card.id for card in cards}


def formatted(course: Course, name: str = NAME) -> str:
    """The lesson's text after `format`."""
    path = course.path(name)
    path.write_text(canonical(path), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def with_dice(course: Course) -> Course:
    """The course with a second lesson that has other cards."""
    text = course.path(NAME).read_text(encoding="utf-8").replace("entropy :: ", "Coins :: ")
    text = text.replace(FIRST, "Which die? :: The fair one.").replace(SECOND, "How many sides? :: Six.")
    (course.root / "lessons" / "02-dice.md").write_text(text, encoding="utf-8")
    return change(course, "course.toml", ('["01-coins"]', '["01-coins", "02-dice"]'))


def test_an_edited_or_moved_card_keeps_its_id(tiny_built: Course) -> None:
    before = ids(tiny_built)
    course = change(
        tiny_built,
        f"{NAME}.md",
        (FIRST, "A new card? :: Yes.\n" + SECOND.replace("Which coin", "Which of all coins")),
        (
            f'+++ {{"role": "cards"}}\n\n{SECOND}',
            f'+++ {{"role": "cards"}}\n\n{FIRST.replace("$H", "It is $H")}',
        ),
    )
    formatted(course)
    build(course, course.lessons)
    after = ids(course)
    assert (
        after["Which of all coins has the largest entropy?"] == before["Which coin has the largest entropy?"]
    )
    assert after["What is the entropy of a coin?"] == before["What is the entropy of a coin?"]
    assert after["A new card?"] not in before.values()


def test_format_writes_the_id_that_a_build_gives(tiny: Course) -> None:
    course = change(tiny, f"{NAME}.md", (" {#01-card-1}", ""), (" {#01-card-2}", ""))
    build(course, course.lessons)
    before = ids(course)
    text = formatted(course)
    for question, id in before.items():
        assert re.search(rf"^{re.escape(question)} :: .* \{{#{id}\}}$", text, re.M)
    build(course, course.lessons)
    assert ids(course) == before and canonical(course.path(NAME)) == text
    assert all(re.fullmatch("[0-9a-f]{10}", id) for id in before.values())
    assert "{#" not in json.dumps(json.loads((course.root / "release" / NAME / lesson_json.FILE).read_text()))


def test_terms_and_text_are_left_alone(tiny: Course) -> None:
    text = '+++ {"role": "cards"}\n\na :: b\n\n+++ {"role": "terms"}\n\nc :: d\n\n+++\n\ne :: f\n'
    written = card_ids.written(text, tiny.path(NAME))
    assert [line for line in written.splitlines() if "{#" in line] == [
        f"a :: b {{#{cards.first_id(NAME, 'a')}}}"
    ]
    assert card_ids.written(written, tiny.path(NAME)) == written


def test_a_course_from_before_ids_keeps_them_all(tiny_built: Course) -> None:
    """Cards were numbered by their place. A build asks for `format`, which writes what learners know."""
    before = ids(tiny_built)
    course = change(tiny_built, f"{NAME}.md", (" {#01-card-1}", ""), (" {#01-card-2}", ""))
    with pytest.raises(LessonError) as caught:
        build(course, course.lessons)
    assert len(caught.value.problems) == 2
    problem = str(caught.value.problems[0])
    assert (
        ".md:207: learners know this card as 01-card-1" in problem and "Run: autograder format 01" in problem
    )
    assert ids(course) == before
    assert CliRunner().invoke(main, ["format", "01", "--course", str(course.root)]).exit_code == 0
    build(course, course.lessons)
    assert ids(course) == before


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("01-card-1", "the id '01-card-1' is another card's as well (line 207)"),
        ("KL", "'KL' is no id of a card"),
        ("", "'' is no id of a card"),
        ("a--b", "'a--b' is no id of a card"),
    ],
)
def test_a_wrong_id_is_an_error_with_its_line(tiny: Course, id: str, words: str) -> None:
    course = change(tiny, f"{NAME}.md", ("{#01-card-2}", f"{{#{id}}}"))
    with pytest.raises(LessonError) as caught:
        lesson.read(course.path(NAME))
    (problem,) = caught.value.problems
    assert words in problem.problem and problem.line == 211


def test_two_lessons_may_not_share_an_id(tiny_built: Course) -> None:
    course = with_dice(tiny_built)
    formatted(course, "02-dice")
    promises = {one.words: one for one in verify(course, "02-dice")}
    shared = "each flashcard has an id of its own in the course"
    assert promises[shared].problems == () and promises[shared].count == 2
    course = change(course, "02-dice.md", ("Six. {#", "Six. {#01-card-1}\nAnother? :: Yes. {#"))
    (problem,) = next(one.problems for one in verify(course, "02-dice") if one.words == shared)
    assert "'01-card-1' is another card's as well, in 01-coins" in problem.problem


def test_every_card_of_the_course_has_an_id_and_the_old_ones_stayed() -> None:
    course = courses.read(ROOT)
    found = [card.id for name in course.lessons for card in lesson.read(course.path(name)).cards]
    assert len(set(found)) == len(found) >= 160
    numbered = {f"{name[:2]}-card-{n}" for name in course.lessons for n in range(1, 11)}
    assert numbered <= set(found), "decks and logs of learners name these"
    for name in course.lessons:
        text = course.path(name).read_text(encoding="utf-8")
        assert card_ids.written(text, course.path(name)) == text


def test_a_card_in_another_lesson_keeps_its_schedule_in_the_diary(tiny_built: Course) -> None:
    """Moved with its line: the reviews count on, and a mistake calls it up where it is now."""
    course = with_dice(tiny_built)
    change(course, f"{NAME}.md", (f'+++ {{"role": "cards"}}\n\n{SECOND}\n\n', ""))
    change(course, "02-dice.md", ("How many sides? :: Six.", SECOND))
    change(course, "02-dice.md", ('+++ {"role": "cards"}\n', '+++ {"for": "coin-sides", "role": "cards"}\n'))
    for name in course.lessons:
        formatted(course, name)
    build(course, course.lessons)
    now = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    (moved,) = [
        card
        for card in lesson_json.read(course.root / "release" / "02-dice" / lesson_json.FILE).cards
        if card.id == "01-card-2"
    ]
    reviewed = Review(now, "01-card-2", 4)
    assert moved.lesson == "02"
    due = schedule.next_due(moved, [reviewed])
    assert due is not None and due > now + timedelta(days=1)
    slip = Attempt(now + timedelta(hours=1), "02-dice", "coin-sides", "wrong:edge")
    assert schedule.due([moved], [reviewed, slip], now + timedelta(hours=2)) == [moved]
    elsewhere = Attempt(now + timedelta(hours=1), NAME, "coin-sides", "wrong:edge")
    assert schedule.due([moved], [reviewed, elsewhere], now + timedelta(hours=2)) == []
