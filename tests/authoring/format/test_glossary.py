"""The glossary: every lesson's terms on one page, in the order of a dictionary, each with its lesson."""

from __future__ import annotations

import pytest

from autograder.authoring.building.build import build
from autograder.authoring.format import glossary
from autograder.authoring.format import lesson as lessons
from autograder.core.errors import LessonError
from autograder.course import course_toml as courses
from autograder.course.course_toml import Course

TERMS = '+++ {"role": "terms"}\n\nentropy :: The mean surprisal of a distribution, $H(p)$.\n'


def with_terms(course: Course, *lines: str) -> Course:
    """The tiny course with other terms."""
    path = course.path("01-coins")
    text = path.read_text(encoding="utf-8")
    assert TERMS in text
    path.write_text(
        text.replace(TERMS, '+++ {"role": "terms"}\n\n' + "\n".join(lines) + "\n"), encoding="utf-8"
    )
    return courses.read(course.root)


def test_the_page_is_sorted_like_a_dictionary_and_links_to_the_lesson(tiny: Course) -> None:
    course = with_terms(
        tiny, "heads :: A side.", "", "$W_1$ distance :: Far.", "Élan :: Drive.", "coin :: Round."
    )
    assert glossary.write(course) == [glossary.PAGE]
    lines = (course.root / glossary.PAGE).read_text(encoding="utf-8").splitlines()
    words = [line.split("**")[1] for line in lines if line.startswith("**")]
    assert words == ["coin", "Élan", "heads", "$W_1$ distance"]
    assert "**coin** ([lesson 1](../release/01-coins/01-coins.ipynb)): Round." in lines
    assert glossary.write(course) == []


def test_a_course_without_terms_has_no_page(tiny_built: Course) -> None:
    assert (tiny_built.root / glossary.PAGE).exists()
    course = with_terms(tiny_built)
    assert not glossary.is_fresh(course)
    assert glossary.write(course) == [glossary.PAGE]
    assert not (course.root / glossary.PAGE).exists() and glossary.is_fresh(course)


def test_the_quick_reader_finds_what_the_lesson_reader_finds(tiny: Course) -> None:
    course = with_terms(tiny, "one :: First :: and more.", "two :: $a$ ::b", "")
    text = lessons.read(course.path("01-coins"))
    assert [term for _, term in glossary.terms_in(course)] == list(text.terms)
    assert [term.word for term in text.terms] == ["one", "two"]
    assert text.terms[0].meaning == "First :: and more."


def test_a_term_without_a_meaning_is_an_error_at_its_line(tiny: Course) -> None:
    course = with_terms(tiny, "one :: First.", "two: second")
    with pytest.raises(LessonError) as caught:
        lessons.read(course.path("01-coins"))
    (problem,) = caught.value.problems
    assert course.path("01-coins").read_text().splitlines()[problem.line - 1] == "two: second"
    assert "word :: meaning" in problem.remedy


def test_the_notebook_shows_the_terms_behind_a_click(tiny: Course) -> None:
    build(tiny, tiny.lessons)
    text = (tiny.root / "release" / "01-coins" / "01-coins.ipynb").read_text(encoding="utf-8")
    assert "<summary>Words of this lesson</summary>" in text
    assert "- **entropy**: The mean surprisal of a distribution" in text
