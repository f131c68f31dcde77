"""The course itself: every lesson keeps its promises, and has what a lesson of this course has."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring import sample_class
from autograder.authoring.checks import verify
from autograder.authoring.evaluation import evaluate
from autograder.authoring.format import lesson
from autograder.authoring.roles.cell import Cell
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.sandbox.limits import Limits
from tests.support import reading_length
from tests.support.every_lesson import each_lesson
from tests.support.stock_nbgrader import nbgrader

ROOT = Path(__file__).resolve().parents[2]
COURSE = courses.read(ROOT)
LESSONS = pytest.mark.parametrize("name", COURSE.lessons)


@pytest.fixture(scope="module")
def promises_of(request):
    """The promises of every lesson that is tested in this run, checked on all cores at once."""
    mine = (
        item
        for item in request.session.items
        if item.path == request.path and getattr(item, "originalname", "") == "test_every_promise_is_kept"
    )
    return dict(verify.verify_all(COURSE, sorted({item.callspec.params["name"] for item in mine})))


@each_lesson
def test_every_promise_is_kept(name, promises_of):
    promises = promises_of[name]
    assert len(promises) == len(verify.PROMISES)
    assert [str(problem) for promise in promises for problem in promise.problems] == []


@LESSONS
def test_a_lesson_has_what_lessons_have(name):
    text = lesson.read(COURSE.path(name))
    roles = [block.role for block in text.blocks if isinstance(block, Cell)]
    assert len(text.cards) == 10
    assert roles.count("recall") >= 6
    assert roles.count("figure") >= 1 and roles.count("objectives") == 1
    assert any(exercise.answers for exercise in text.exercises), "a coding exercise"
    assert all(exercise.hints and exercise.worked for exercise in text.exercises)
    assert all(len(mistake.feedback) <= 200 for exercise in text.exercises for mistake in exercise.mistakes)


@LESSONS
def test_the_reading_has_its_length(name):
    assert 900 <= reading_length.words(lesson.read(COURSE.path(name))) <= 1400


@LESSONS
def test_the_release_says_nothing_it_should_not(name):
    folder = ROOT / "release" / name
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    nbformat.validate(notebook)
    data = json.loads((folder / "lesson.json").read_text())
    assert set(data) == {"schema", "lesson", "exercises", "cards"}


@pytest.mark.slow
@LESSONS
def test_the_sample_class_shows_each_mistake_by_name(name, tmp_path):
    students = [
        one for one in sample_class.write(COURSE, name, tmp_path) if one.startswith(("mistakes", "all-right"))
    ]
    (graded,) = grade_course(tmp_path, name[:2], students, Settings(Limits(), workers=2)).assignments
    results = {
        one.student: {exercise: str(said) for exercise, said in one.verdicts.items()}
        for one in graded.submissions
    }
    exercises = evaluate.evaluate(lesson.read(COURSE.path(name)))
    assert set(results["all-right"].values()) == {"right"}
    for number in range(max(len(one.mistakes) for one in exercises)):
        verdicts = results[f"mistakes-{number + 1:02d}"]
        for one in exercises:
            known = f"wrong:{one.mistakes[number][0].slug}" if number < len(one.mistakes) else "right"
            assert (one.text.id, verdicts[one.text.id]) == (one.text.id, known)


@pytest.mark.slow
@LESSONS
def test_plain_nbgrader_gives_the_marks_that_autograder_gives(name, tmp_path):
    sample_class.write(COURSE, name, tmp_path / "ours")
    wanted = ("all-right", "first-half", "late", "syntax-error", "mistakes-01", "mistakes-05", "mistakes-10")
    for folder in (tmp_path / "ours" / "submitted").iterdir():
        if folder.name not in wanted:
            shutil.rmtree(folder)
    shutil.copytree(tmp_path / "ours", tmp_path / "stock")
    grade_course(tmp_path / "ours", name[:2], (), Settings(Limits(), workers=2))
    for words in (["generate_assignment", name, "--force"], ["autograde", name], ["generate_feedback", name]):
        code, said = nbgrader(tmp_path / "stock", *words)
        assert code == 0, said
    marks = []
    for side in ("ours", "stock"):
        with Gradebook(f"sqlite:///{tmp_path / side / 'gradebook.db'}", "generative-models") as gradebook:
            marks.append(
                {
                    (submission.student_id, grade.name): (grade.auto_score, grade.needs_manual_grade)
                    for submission in gradebook.assignment_submissions(name)
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
            )
    assert marks[0] == marks[1]
    assert len(marks[0]) == len(wanted) * len(lesson.read(COURSE.path(name)).exercises)
    page = tmp_path / "stock" / "feedback" / "mistakes-01" / name / f"{name}.html"
    # The words of the first mistake, as far as HTML writes them as they are.
    mistake, _ = evaluate.evaluate(lesson.read(COURSE.path(name)))[0].mistakes[0]
    assert max(re.split(r"[^\w ,.]", mistake.feedback), key=len) in page.read_text()
