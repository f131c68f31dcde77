"""Alike answers: found where they are rare and unexplained, never where they are right or known."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter

import pytest

from autograder.classroom.analysis import similarity
from autograder.classroom.analysis.graded_class import GradedClass, HandedIn
from autograder.core.verdict import Outcome
from autograder.course import lesson_json
from autograder.course.course_toml import Course

NAME = "01-coins"
CODE = """
def entropy(p):
    total = 0.0
    for index in range(1, len(p)):
        if p[index] > 0.001:
            step = p[index] * np.log(p[index] + 1e-3)
            total = total - step / len(p)
    if total < 0:
        total = abs(total) + 0.25
    return float(total)
"""
RENAMED = re.sub(r"\bstep\b", "piece", re.sub(r"\btotal\b", "h", CODE)).replace("0.25", "0.26  # a guess")
OTHER = """
def entropy(p):
    logs = [np.log(max(q, 1e-9)) for q in p]
    pairs = list(zip(p, logs))
    return sum(a * b for a, b in pairs[::-1]) or {True: 1, False: 0}[len(pairs) > 2]
"""


def class_of(course: Course, made: dict[str, dict[str, tuple[str, str]]]) -> GradedClass:
    """By learner and exercise: (verdict, source)."""
    lesson = lesson_json.read(course.root / "source" / NAME / lesson_json.FILE)
    handed_in = [
        HandedIn(
            student,
            0.5,
            0.0,
            {name: Outcome.parse(verdict) for name, (verdict, _) in answers.items()},
            {name: source for name, (_, source) in answers.items()},
        )
        for student, answers in sorted(made.items())
    ]
    points = {name: one.points for name, one in lesson.exercises.items()}
    return GradedClass(NAME, lesson.title, points, frozenset(), lesson, tuple(handed_in), {})


def code(verdict: str, source: str) -> dict[str, tuple[str, str]]:
    return {"coin-code": (verdict, source)}


def test_renamed_code_with_the_same_steps_is_alike(tiny_built: Course) -> None:
    graded = class_of(
        tiny_built, {"a": code("wrong", CODE), "b": code("wrong", RENAMED), "c": code("wrong", OTHER)}
    )
    (pair,) = similarity.find([graded])
    assert pair.students == ("a", "b")
    assert pair.signs[0].code == 1.0, "names, numbers and comments say nothing"


@pytest.mark.parametrize("verdict", ["right", "wrong:bits", "wrong:~sign", "not-attempted"])
def test_what_is_right_or_known_is_never_compared(tiny_built: Course, verdict: str) -> None:
    made = {"a": code(verdict, CODE), "b": code(verdict, CODE), "c": code("wrong", CODE)}
    assert similarity.find([class_of(tiny_built, made)]) == []


def test_code_that_stops_is_compared_even_where_it_is_no_python(tiny_built: Course) -> None:
    broken = CODE + "\n    return ((\n"
    made = {"a": code("error:SyntaxError", broken), "b": code("error:SyntaxError", broken)}
    assert [pair.students for pair in similarity.find([class_of(tiny_built, made)])] == [("a", "b")]


def test_what_many_have_says_nothing(tiny_built: Course) -> None:
    made = {f"s{n:02}": code("wrong", CODE) for n in range(similarity.RARE + 1)}
    assert similarity.find([class_of(tiny_built, made)]) == []


def test_short_answers_say_nothing(tiny_built: Course) -> None:
    short = "def entropy(p):\n    return float(np.sum(p))"
    made = {"a": code("wrong", short), "b": code("wrong", short)}
    assert similarity.find([class_of(tiny_built, made)]) == []


def numbers(entropy: str, sides: str) -> dict[str, tuple[str, str]]:
    return {
        "coin-entropy": ("wrong", f"coin_entropy = {entropy}"),
        "coin-sides": ("wrong", f"coin_sides = {sides}"),
    }


def test_two_rare_numbers_are_a_sign_and_one_is_not(tiny_built: Course) -> None:
    made = {
        "a": numbers("1.4142", "1234"),
        "b": numbers("1.4142", "1234"),
        "c": numbers("1.4142", "777"),
        "d": numbers("1.3", "40"),  # two digits say nothing
        "e": numbers("1.3", "40"),
    }
    (pair,) = similarity.find([class_of(tiny_built, made)])
    assert pair.students == ("a", "b")
    assert [sign.value for sign in pair.signs] == ["coin_entropy = 1.4142", "coin_sides = 1234"]


def test_a_number_that_many_share_is_an_idea_and_no_sign(tiny_built: Course) -> None:
    made = {f"s{n}": numbers("1.4142", "1234") for n in range(similarity.RARE + 1)}
    assert similarity.find([class_of(tiny_built, made)]) == []


def test_jaccard_by_hand() -> None:
    one, other = (frozenset((letter,) for letter in text) for text in ("abcd", "cdef"))
    assert similarity.jaccard(one, other) == 2 / 6
    assert similarity.jaccard(frozenset(), frozenset()) == 0


def test_shingles_of_anything() -> None:
    for source in ("", "x", "'''", "def f(:\n", "\0", "\t if", "é" * 100_000, "(" * 60_000):
        assert isinstance(similarity.shingles(source), frozenset)


def test_the_warning_says_what_likeness_does_not_prove() -> None:
    assert similarity.WARNING.startswith("Alike is not copied.") and "talk" in similarity.WARNING


def test_the_index_finds_what_comparing_all_pairs_finds(tiny_built: Course) -> None:
    """By a second route: every pair of forty learners, who took pieces from one another."""
    chance = random.Random(7)
    signs = ["+", "-", "*", "/", "//", "%", "**", "==", "<", ">", "(", ")", "[", "]", ",", ":"]
    originals = [[chance.choice(signs) for _ in range(120)] for _ in range(18)]
    made = {}
    for number in range(40):
        own = list(chance.choice(originals))
        for place in chance.sample(range(120), chance.choice((0, 0, 1, 2))):
            own[place] = chance.choice(signs)
        made[f"s{number:02}"] = " ".join(own)
    found = similarity.find(
        [class_of(tiny_built, {name: code("wrong", text) for name, text in made.items()})]
    )
    counts = Counter(one for text in made.values() for one in similarity.shingles(text))
    rare = {
        name: frozenset(one for one in similarity.shingles(text) if counts[one] <= 4)
        for name, text in made.items()
    }
    wanted = {
        (first, second): similarity.jaccard(rare[first], rare[second])
        for first, second in itertools.combinations(sorted(rare), 2)
        if min(len(rare[first]), len(rare[second])) >= similarity.FEWEST_SHINGLES
    }
    wanted = {pair: likeness for pair, likeness in wanted.items() if likeness >= similarity.ALIKE}
    assert len(wanted) > 5
    assert {pair.students: pair.signs[0].code for pair in found} == wanted
