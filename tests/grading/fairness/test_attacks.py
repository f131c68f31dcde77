"""A dishonest submission earns what an honest reading of its work gives, or its mark is flagged.

`as_nbgrader.txt` lists the exceptions: tests that run in the student's process, as in nbgrader, are not
protected. The list says exactly what comes through, and why the test is shared.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attacks import corpus, judged, others
from tests.support.styles import course, grading
from tests.support.styles.corpus import missing
from tests.support.styles.notebook_text import Style

ATTACKS = {style.name: style for style in corpus.attacks()}
QUICK = (
    "class-liar-norm partial-array stolen-callback test-before-its-helper shared-memory-between-runs"
    " savepoint-never-taken shared-with"
).split()
SHARED_OF_OTHERS = frozenset({"vec", "isin2"})
"""Tests of the whole course that run in the student's process: they compare objects of the student's."""


def wrong(root: Path, styles: list[Style]) -> dict[str, judged.Judged]:
    """The attacks whose outcome is not the one that is known."""
    known = judged.as_nbgrader()
    return {
        name: found
        for name, found in judged.judged(root, styles).items()
        if found.through != known.get(name, {}) or found.lost or "the grader" in found.trouble
    }


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) + len(others.ATTACKS) >= 200
    assert set(judged.as_nbgrader()) | set(QUICK) <= set(ATTACKS)


def test_some_attacks_earn_no_more_than_their_work(tmp_path: Path) -> None:
    assert wrong(tmp_path / "course", [ATTACKS[name] for name in QUICK]) == {}


@pytest.mark.slow
def test_no_attack_earns_more_than_its_work(tmp_path: Path) -> None:
    here = [style for style in ATTACKS.values() if not missing(style)]
    assert wrong(tmp_path / "course", here) == {}


@pytest.mark.slow
def test_an_attack_on_a_whole_course_earns_nothing(tmp_path: Path) -> None:
    root = tmp_path / "course"
    found = course.write(root, [others.notebook()], only=("right", *others.ATTACKS))
    marks, flags = grading.engine_and_flags(root, found, grading.SHORT)
    assert others.earned(marks["others"]["right"]) == set(others.exercises()) - {"given"}
    for name, attack in others.ATTACKS.items():
        flagged = others.earned(dict.fromkeys(flags["others"].get(name, ()), 1.0))
        through = others.earned(marks["others"][name]) - attack.may - flagged
        assert through <= SHARED_OF_OTHERS, name
