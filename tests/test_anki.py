"""The Anki packages, opened again by Anki itself: every card, math in its form, no copies."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autograder.authoring.course import Course
from autograder.classroom import desk
from autograder.cli import main

ROOT = Path(__file__).resolve().parents[1]

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
    lesson = desk.released(ROOT, "03")
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
