"""`autograder grade` against nbgrader's own command line: the same marks, the same gradebook."""

import csv
import re
import shutil

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook

from autograder.authoring import sample_class
from autograder.cli import main
from autograder.core.errors import CourseError
from autograder.course import course_toml as courses
from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.dispatch.grade_course import grade_course
from autograder.grading.gradebook import scores as results
from autograder.grading.gradebook.course_directory import Classroom
from autograder.grading.sandbox.limits import Limits
from tests.support.stock_nbgrader import NAME, SETTINGS, nbgrader, rows


def outcome_of(path):
    """An autograded notebook without what differs from run to run."""
    notebook = nbformat.read(path, as_version=4)
    return [
        (
            cell.source,
            [
                (o.output_type, o.get("ename"), o.get("evalue"), o.get("text"))
                for o in cell.get("outputs", [])
            ],
        )
        for cell in notebook.cells
    ]


@pytest.fixture(scope="module")
def tiny_once(built_once):
    """The built tiny course; read only."""
    return courses.read(built_once)


@pytest.fixture(scope="module")
def classes(tiny_once, tmp_path_factory):
    """The sample class, graded by `autograder` in one folder and by `nbgrader` in another."""
    folder = tmp_path_factory.mktemp("class")
    sample_class.write(tiny_once, NAME, folder / "ours")
    # A loop costs each side its whole timeout; the one that `make demo` shows is enough.
    shutil.rmtree(folder / "ours" / "submitted" / "endless-loop")
    shutil.copytree(folder / "ours", folder / "stock")
    grade_course(folder / "ours", "01", (), SETTINGS, due=sample_class.DUE)
    code, said = nbgrader(folder / "stock", "generate_assignment", NAME, "--force")
    assert code == 0, said
    with Gradebook(f"sqlite:///{folder / 'stock' / 'gradebook.db'}", "generative-models") as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=sample_class.DUE)
    # The missing notebook makes nbgrader's exit code 1 only when it is asked for alone.
    nbgrader(folder / "stock", "autograde", NAME)
    return folder


def test_release_is_what_nbgrader_generates(classes, tiny_once):
    for name in (f"{NAME}.ipynb", "lesson.json"):
        ours = (tiny_once.root / "release" / NAME / name).read_bytes()
        assert (classes / "stock" / "release" / NAME / name).read_bytes() == ours


def test_the_gradebooks_agree_row_by_row(classes):
    ours, theirs = rows(classes / "ours"), rows(classes / "stock")
    assert len(ours) >= 8
    assert ours == theirs


def test_the_autograded_notebooks_agree(classes):
    found = sorted((classes / "ours" / "autograded").rglob("*.ipynb"))
    assert len(found) >= 8
    for path in found:
        assert outcome_of(path) == outcome_of(classes / "stock" / path.relative_to(classes / "ours"))


def test_marks_are_what_the_submissions_deserve(classes):
    ours = {student: row["score"] for student, row in rows(classes / "ours").items()}
    assert ours == {
        "all-right": 7,
        "all-blank": 0,
        "first-half": 3,
        "late": 7,
        "syntax-error": 5,
        "mistakes-01": 0,
        "mistakes-02": 2,
        "mistakes-03": 4,
    }
    assert rows(classes / "ours")["late"]["late"] == 30 * 3600


def test_feedback_and_export_of_nbgrader_work_on_the_result(classes):
    code, said = nbgrader(classes / "ours", "generate_feedback", NAME, "--student", "mistakes-01")
    assert code == 0, said
    page = (classes / "ours" / "feedback" / "mistakes-01" / NAME / f"{NAME}.html").read_text()
    assert "You used log base 2" in page
    code, said = nbgrader(classes / "ours", "export", "--to", "other.csv")
    assert code == 0, said
    assert (classes / "ours" / "other.csv").read_text() == (classes / "ours" / "grades.csv").read_text()


def test_grades_csv(classes):
    with (classes / "ours" / "grades.csv").open() as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores["all-right"] == 7 and scores["mistakes-02"] == 2


def test_every_mistake_of_the_lesson_is_recognized(classes, tiny_once):
    from autograder.authoring.evaluation import evaluate
    from autograder.authoring.format import lesson

    wanted = {
        f"{one.text.id}:{mistake.slug}"
        for one in evaluate.evaluate(lesson.read(tiny_once.path(NAME)))
        for mistake, _ in one.mistakes
    }
    found = set()
    for folder in (classes / "ours" / "autograded").iterdir():
        verdicts = dict(results.verdicts_in(folder / NAME))
        found |= {f"{name}:{said.idea}" for name, said in verdicts.items() if said.idea}
    assert found == wanted


def test_the_table_names_ideas_and_reasons(classes):
    done = CliRunner().invoke(
        main, ["grade", "01", "--course", str(classes / "ours")], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    for words in (
        "coin-entropy:bits, coin-sides:edge, coin-likely:other-side, coin-code:bits",
        "could not grade, because 01-coins.ipynb is missing; the folder holds answers.txt",
        "coin-entropy failed (SyntaxError)",
        "1 day, 6:00:00 late",
        "7 different wrong ideas recognized",
    ):
        assert words in done.output


def graded(folder, students, force=False):
    """What a run does: the students that it ran, and those that had nothing to run."""
    engine = Engine(Settings(Limits(cell_seconds=10), workers=2, force=force))
    try:
        return dict(engine.grade(Classroom(folder), NAME, students))
    finally:
        engine.close()


def test_an_unchanged_submission_is_not_graded_again(classes, tmp_path):
    folder = shutil.copytree(classes / "ours", tmp_path / "class")
    both = ["all-right", "late"]
    assert graded(folder, both) == {"all-right": None, "late": None}
    path = folder / "submitted" / "late" / NAME / f"{NAME}.ipynb"
    path.write_text(re.sub(r"coin_entropy = [\d.]+", "coin_entropy = 0.8113", path.read_text()))
    done = graded(folder, both)
    assert done["all-right"] is None and done["late"].notebooks
    assert rows(folder)["late"]["score"] == 5
    assert all(graded(folder, both, force=True).values())


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"\xff\xfe\x00",
        b'{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    ],
)
def test_a_damaged_notebook_is_its_own_students_problem(classes, tmp_path, damage):
    folder = shutil.copytree(classes / "ours", tmp_path / "class")
    (folder / "submitted" / "all-blank" / NAME / f"{NAME}.ipynb").write_bytes(damage)
    done = graded(folder, ["all-blank", "all-right"], force=True)
    assert done["all-blank"].reason and "\n" not in done["all-blank"].reason
    assert not done["all-right"].reason and rows(folder)["all-right"]["score"] == 7


def test_a_dry_run_shows_what_a_mended_test_changes_and_writes_nothing(classes, tmp_path):
    folder = shutil.copytree(classes / "ours", tmp_path / "class")
    before = rows(folder), (folder / "gradebook.db").read_bytes()
    source = folder / "source" / NAME / f"{NAME}.ipynb"
    source.write_text(source.read_text().replace("same(coin_sides, 2)", "same(coin_sides, 3)"))
    done = CliRunner().invoke(
        main, ["grade", "01", "--dry-run", "--course", str(folder)], env={"COLUMNS": "120"}
    )
    assert done.exit_code == 0, done.output
    assert "all-right" in done.output and "coin-sides" in done.output
    assert (folder / "gradebook.db").read_bytes() == before[1]
    assert rows(folder) == before[0]


def test_nothing_to_grade(tiny_built):
    with pytest.raises(CourseError, match="nobody submitted 01-coins: put each notebook at submitted/"):
        grade_course(tiny_built.root, "01", (), SETTINGS)


def test_an_unknown_student(classes):
    done = CliRunner().invoke(main, ["grade", "01", "--student", "nemo", "--course", str(classes / "ours")])
    assert done.exit_code == 1
    assert "'nemo' did not submit 01-coins. Who did: all-blank" in done.output


def test_a_folder_that_is_no_course(tmp_path):
    done = CliRunner().invoke(main, ["grade", "01", "--course", str(tmp_path)])
    assert done.exit_code == 1
    assert "is no nbgrader course: nbgrader_config.py is missing" in done.output
    assert "Traceback" not in done.output
