"""A dishonest submission earns what an honest reading of its work gives, or its mark is flagged."""

from __future__ import annotations

import pytest

from tests.support.attacks import corpus, others
from tests.support.styles import course, grading, not_yet
from tests.support.styles.notebook_text import Style

ATTACKS = {style.name: style for style in corpus.attacks()}
NOT_YET = not_yet.read(corpus.FOLDER / "not_yet.txt")


def graded(root, styles: list[Style]):
    """The engine's marks, and what it flagged, without the untouched release."""
    assignments = course.write(root, styles, only=("right", "attack", *others.ATTACKS))
    marks = grading.engine(root, assignments, grading.SHORT)
    flags = [grading.flagged_by(root, name) or {} for name in assignments]
    return marks, {name: students for of in flags for name, students in of.items()}


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("attacks") / "course", list(ATTACKS.values()))


@pytest.fixture(scope="module")
def engine_on_others(tmp_path_factory):
    return graded(tmp_path_factory.mktemp("others") / "course", [others.notebook()])


def test_there_are_enough_attacks():
    assert len(ATTACKS) + len(others.ATTACKS) >= 160
    assert set(NOT_YET) <= set(ATTACKS) | set(others.ATTACKS)


@pytest.mark.parametrize("name", not_yet.parameters(ATTACKS, NOT_YET))
def test_an_attack_earns_no_more_than_its_work(name, engine):
    marks, flags = engine
    flagged = flags.get(name, {}).get("attack", set())
    assert set(corpus.too_much(ATTACKS[name], marks[name]["attack"])) <= flagged
    assert "the grader" not in str(marks[name]["attack"].get("", ""))


@pytest.mark.parametrize("name", not_yet.parameters(ATTACKS, not_yet.of_the_teacher(NOT_YET)))
def test_the_teachers_answer_beside_it_earns_all(name, engine):
    right = engine[0][name]["right"]
    assert {test: right.get(test) for test in corpus.full(ATTACKS[name])} == corpus.full(ATTACKS[name])


@pytest.mark.parametrize("name", not_yet.parameters(others.ATTACKS, NOT_YET))
def test_an_attack_on_a_whole_course_earns_nothing(name, engine_on_others):
    marks, flags = engine_on_others
    earned = others.earned(marks["others"][name])
    flagged = others.earned(dict.fromkeys(flags.get("others", {}).get(name, ()), 1.0))
    assert earned - others.ATTACKS[name].may <= flagged


def test_the_whole_course_can_be_solved(engine_on_others):
    assert others.earned(engine_on_others[0]["others"]["right"]) == set(others.exercises()) - {"given"}
