"""The Anki packages, read by Anki itself: every card, math in its form, no copies, no lost schedule."""

from __future__ import annotations

import hashlib
import shutil
import time
from pathlib import Path
from typing import Any

import genanki
import pytest
from click.testing import CliRunner

from autograder.authoring.building.build import build
from autograder.cli import main
from autograder.core.errors import CourseError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course
from autograder.publishing.copies import lab
from tests.support.builds import change

ROOT = Path(__file__).resolve().parents[2]

collection = pytest.importorskip("anki.collection", reason="no anki: pip install anki")


def imported(folder: Path, *packages: Path) -> Any:
    """A new collection of Anki's after it imported the packages."""
    from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

    found = Collection(str(folder / "collection.anki2"))
    for package in packages:
        options = ImportAnkiPackageOptions(with_scheduling=True)
        found.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))
    return found


def test_the_course_has_ten_notes_a_lesson_and_typeset_math(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["cards", "03", "--anki", "--to", str(tmp_path / "x.apkg"), "--course", str(ROOT)]
    )
    assert result.exit_code == 0, result.output
    found = imported(tmp_path, tmp_path / "x.apkg")
    lesson = lab.released(ROOT, "03")
    notes = [found.get_note(id) for id in found.find_notes("")]
    assert len(notes) == len(lesson.cards) == 10
    deck = f"Generative models::03 {lesson.title}"
    assert len(found.find_notes(f'"deck:{deck}"')) == 10
    fields = [field for note in notes for field in note.fields]
    assert sum(r"\(" in field for field in fields) >= 8
    assert not any("$" in field for field in fields)
    card = notes[0].cards()[0]
    assert r"\(\mathbb{E}_{x\sim p}" in card.answer()
    assert "lesson-03" in notes[0].tags and "kl-forward" in notes[0].tags
    found.close()


def test_importing_again_updates_and_adds_nothing(
    tiny_built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tiny_built.root
    run = CliRunner()
    assert run.invoke(main, ["cards", "--anki", "--course", str(root)]).exit_code == 0
    names = sorted(path.name for path in (root / "cards").iterdir())
    assert names == ["01-coins.apkg", "all.apkg"]
    first = (root / "cards" / "01-coins.apkg").rename(tmp_path / "first.apkg")
    path = root / "release" / "01-coins" / "lesson.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("The fair one.", "The fair coin."), encoding="utf-8"
    )
    later = time.time() + 3600  # Anki takes what is newer
    monkeypatch.setattr("genanki.package.time.time", lambda: later)
    assert run.invoke(main, ["cards", "--anki", "--course", str(root)]).exit_code == 0
    found = imported(tmp_path, first, root / "cards" / "all.apkg")
    notes = [found.get_note(id) for id in found.find_notes("")]
    assert len(notes) == 2
    assert {note.fields[1] for note in notes} >= {"The fair coin."}
    found.close()


def schedules(found: Any) -> dict[str, tuple[int, int]]:
    """By guid, how often Anki showed a note's card, and the interval it is in."""
    notes = [found.get_note(id) for id in found.find_notes("")]
    return {note.guid: (note.cards()[0].reps, note.cards()[0].ivl) for note in notes}


def review(found: Any, question: str) -> str:
    """Say "easy" to the card with that question, as a learner does; returns the note's guid."""
    (id,) = found.find_cards(f'"{question}"')
    card = found.get_card(id)
    card.start_timer()
    found.sched.answerCard(card, 4)
    return str(found.get_note(card.nid).guid)


def as_before(root: Path, title: str, to: Path) -> None:
    """The deck of the tiny lesson as `cards --anki` wrote it before courses had ids."""
    lesson = lab.released(root, "01")

    def number(name: str) -> int:
        digest = hashlib.blake2b(name.encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % 2**30 + 2**30

    deck = genanki.Deck(number(f"deck {lesson.id}"), f"{title}::01 {lesson.title}")
    model = genanki.Model(
        number("model question and answer"),
        "Question and answer (generative models)",
        fields=[{"name": "Question"}, {"name": "Answer"}],
        templates=[
            {"name": "Recall", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}"}
        ],
    )
    for place, card in enumerate(lesson.cards, 1):
        guid = genanki.guid_for(f"01-card-{place}", "generative-models")
        deck.add_note(genanki.Note(model=model, fields=[card.question, card.answer], guid=guid))
    genanki.Package([deck]).write_to_file(to)


def course_of(root: Path, to: Path, *lines: str) -> Path:
    """A copy of a course whose course.toml begins with `lines` in place of its title."""
    shutil.copytree(root, to)
    table = to / "lessons" / "course.toml"
    text = table.read_text(encoding="utf-8")
    table.write_text("\n".join(lines) + "\n" + text[text.index("[[phases]]") :], encoding="utf-8")
    return to


def deck_of(root: Path) -> Path:
    """The package of all cards of a course."""
    assert CliRunner().invoke(main, ["cards", "--anki", "--course", str(root)]).exit_code == 0
    return root / "cards" / "all.apkg"


def test_a_deck_from_before_keeps_its_schedule(
    tiny_built: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This course's cards keep the ids that Anki knows them by, edited and moved as they are."""
    root = course_of(tiny_built.root, tmp_path / "same", 'title = "Generative models"')
    old = tmp_path / "old.apkg"
    as_before(root, "Generative models", old)
    found = imported(tmp_path, old)
    guid = review(found, "Which coin has the largest entropy?")
    before = schedules(found)
    assert before[guid][0] == 1 and before[guid][1] > 0
    found.close()
    first, second = "$H(p) = -\\sum_x p(x) \\ln p(x)$ {#01-card-1}", "The fair one. {#01-card-2}"
    course = change(
        courses.read(root),
        "01-coins.md",
        (f"What is the entropy of a coin? :: {first}", "PLACE"),
        (f"Which coin has the largest entropy? :: {second}", f"What is a coin's entropy? :: {first}"),
        ("PLACE", f"Which coin has the most entropy? :: {second}"),
    )
    build(course, course.lessons)
    later = time.time() + 3600
    monkeypatch.setattr("genanki.package.time.time", lambda: later)
    again = imported(tmp_path, deck_of(root))
    assert schedules(again) == before
    texts = {again.get_note(id).guid: again.get_note(id).fields[0] for id in again.find_notes("")}
    assert texts[guid] == "Which coin has the most entropy?"
    again.close()


def test_two_courses_share_no_card(tiny_built: Course, tmp_path: Path) -> None:
    one = course_of(tiny_built.root, tmp_path / "one", 'title = "Generative models"')
    two = course_of(tiny_built.root, tmp_path / "two", 'title = "Introductory statistics"')
    three = course_of(tiny_built.root, tmp_path / "three", 'title = "Generative models"', 'id = "other-town"')
    found = imported(tmp_path, deck_of(one), deck_of(two), deck_of(three))
    assert len(schedules(found)) == 6
    assert len(found.find_notes('"deck:Introductory statistics::01 Coins"')) == 2
    review(found, 'deck:Introductory statistics::01 Coins" "Which coin has the largest entropy?')
    assert sorted(reps for reps, _ in schedules(found).values()) == [0, 0, 0, 0, 0, 1]
    assert len({note.mid for note in map(found.get_note, found.find_notes(""))}) == 3
    found.close()


def test_another_course_keeps_its_old_decks_by_its_id(tiny_built: Course, tmp_path: Path) -> None:
    """Whose decks were given out before: `id = "generative-models"` keeps them, as the docs say."""
    kept = course_of(
        tiny_built.root, tmp_path / "kept", 'title = "Introductory statistics"', 'id = "generative-models"'
    )
    old = tmp_path / "old.apkg"
    as_before(kept, "Introductory statistics", old)
    found = imported(tmp_path, old)
    guid = review(found, "Which coin has the largest entropy?")
    before = schedules(found)
    found.close()
    found = imported(tmp_path, deck_of(kept))
    assert schedules(found) == before and before[guid][0] == 1
    found.close()


@pytest.mark.parametrize("line", ['id = "Generative models"', "id = 3", 'id = ""', 'id = "a_b"'])
def test_an_id_of_another_form_is_refused(tiny: Course, line: str) -> None:
    table = tiny.root / "lessons" / "course.toml"
    table.write_text(f"{line}\n{table.read_text(encoding='utf-8')}", encoding="utf-8")
    with pytest.raises(CourseError, match='Write id = "generative-models", in small letters'):
        courses.read(tiny.root)
