"""In a class of sixty honest and odd learners nobody earns less than from stock nbgrader; few are flagged."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.gradebook.course_directory import Classroom
from tests.support.styles import corpus, course, grading, odd_class, stock_table

NAME = "odd-class"


@pytest.mark.slow
def test_nobody_earns_less_than_in_nbgrader(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "course"
    found = course.write(root, [style for style in corpus.further() if style.name == NAME])
    marks, stock = grading.engine(root, found)[NAME], stock_table.read()[NAME]
    assert len(set(marks) & set(odd_class.names())) == odd_class.SIZE
    assert {one: (marks[one], stock[one]) for one in stock if marks[one] != stock[one]} == {}
    with Classroom(root).gradebook() as gradebook:
        asked = [
            (submission.student.id, grade.name)
            for submission in gradebook.assignment_submissions(next(iter(found)))
            for book in submission.notebooks
            for grade in book.grades
            if grade.needs_manual_grade
        ]
    isolated, tests = grading.isolated_and_all(root)
    with capsys.disabled():
        print(f"\n{isolated} of {tests} tests isolated, {len(asked)} of {len(marks) * tests} marks flagged")
    assert isolated >= tests / 2
    assert len(asked) <= len(marks) * tests / 20
