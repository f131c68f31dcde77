"""Grade cells that only compare share a tester: which cells these are, and that none sees another's work."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from autograder.grading.dispatch.engine import Engine, Settings
from autograder.grading.execution.comparison_cache import MOST_KEPT, CellResult, ComparisonCache, key_of
from autograder.grading.execution.comparison_cells import imported, only_compares
from autograder.grading.execution.plan import plan_of
from autograder.grading.forkserver.kernel import constants_of
from autograder.grading.gradebook import course_directory, registration
from autograder.grading.gradebook.grades_csv import export
from autograder.grading.sandbox.limits import Limits
from tests.support.small_class import KERNEL, NAME, answer, check, hand_in, write_course

GIVEN = imported("import math\nimport numpy as np\nfrom autograder import check\nimport random")


@pytest.mark.parametrize(
    "source",
    [
        "assert abs(x - 0.5) < 1e-9, 'too far'",
        "check('kl', kl=kl)\nfrom autograder.core.values import same\nassert same(kl, 0.5, within=0.1)",
        "assert math.isclose(x, math.log(2)) and np.allclose(a, [1, 2])",
        "assert all(isinstance(v, int) for v in values) and name.strip().lower() == 'kl'",
        "assert sorted(d.items())[0] == ('a', 1) if d else len(d) == 0",
        "assert x == 1, f'{x!r} is not 1'",
    ],
)
def test_it_only_compares(source):
    assert only_compares(source, GIVEN, frozenset())


@pytest.mark.parametrize(
    "source",
    [
        "x",  # shown
        "round(x)",
        "x + 1",
        "y = x\nassert y",
        "assert random.random() < 2",
        "np.random.seed(0)\nassert x",
        "assert np.random.rand() < x",
        "assert print(x) is None",
        "assert x.append(1) is None",
        "assert f(2) == 4",
        "assert (lambda: 1)() == x",
        "assert x ** y == 1",  # endless for a large y
        "assert 1 << x",
        "assert x.__class__ is int",
        "import os\nassert x",
        "from os import path\nassert x",
        "from . import helper\nassert x",
        "import numpy.random as r\nassert x",
        "assert (y := x)",
        "for v in x:\n    assert v",
        "with open('log', 'a'): pass",
        "%timeit x",
        "assert eval(x)",
        "assert open('count').read() == x",
        "assert getattr(x, 'y')",
        "try:\n    assert x\nexcept AssertionError: pass",
        "del x",
        "global x",
        "assert np.save('f', x) is None",
        "check\nassert x",
    ],
)
def test_it_does_more_than_compare(source):
    assert not only_compares(source, GIVEN, frozenset())


def test_a_name_that_the_instructor_gave_another_meaning():
    assert not only_compares("assert abs(x) < 1", GIVEN, frozenset(["abs"]))
    assert not only_compares("assert np.allclose(x, 1)", GIVEN, frozenset(["np"]))


def cell(source, **keys):
    return {"cell_type": "code", "source": source, "metadata": {"nbgrader": keys} if keys else {}}


def test_what_another_grade_cell_made_is_not_shared():
    tests = [
        cell("limit = 3\nassert a", grade=True, grade_id="sets"),
        cell("assert b < limit", grade=True, grade_id="reads"),
        cell("assert b < 4", grade=True, grade_id="free"),
    ]
    assert plan_of([cell("import math"), *tests]).comparing == {"free"}
    for given in ("import math\nmath.isclose = print", "import math\n%load_ext something"):
        notebook = [cell(given), cell("assert math.isclose(1, 1)", grade=True, grade_id="g")]
        assert plan_of(notebook).comparing == frozenset()


@pytest.mark.parametrize(
    ("code", "constants"),
    [
        ("x = 1", {"x": 1}),
        ("x = y = [1, -2.5]\nz = ...", {"x": [1, -2.5], "y": [1, -2.5], "z": ...}),
        ("# nothing", {}),
        ("x = f()", None),
        ("x.y = 1", None),
        ("x[0] = 1", None),
        ("a, b = 1, 2", None),
        ("x: int = 1", None),
        ("x += 1", None),
        ("x = 1; x", None),
        ("%time x = 1", None),
    ],
)
def test_constants(code, constants):
    assert constants_of(code) == constants


def test_results_are_kept_by_value_and_given_as_copies():
    kept = ComparisonCache()
    one = key_of("g", 3, {"x": {"value": 1}})
    kept.keep(one, CellResult([nbformat.v4.new_output("stream", text="yes")], {"status": "ok"}))
    for other in (key_of("h", 3, {"x": {"value": 1}}), key_of("g", 4, {"x": {"value": 1}}),
                  key_of("g", 3, {"x": {"value": 1.0}}), key_of("g", 3, {"x": {"value": True}})):  # fmt: skip
        assert kept.recall(other) is None
    kept.recall(one).outputs[0].text = "changed"
    assert kept.recall(one).outputs[0].text == "yes"
    for number in range(MOST_KEPT + 1):
        kept.keep(key_of("g", number, {}), CellResult([], {}))
    assert len(kept.kept) <= MOST_KEPT
    kept.keep(key_of("g", 1, {"x": "long" * 1000}), CellResult([], {}))
    assert kept.recall(key_of("g", 1, {"x": "long" * 1000})) is None


@pytest.fixture
def course(tmp_path):
    """Three exercises whose cells only compare; the second never ends for some values."""
    write_course(tmp_path)
    folder = tmp_path / "source" / NAME
    for path in folder.glob("*.ipynb"):
        path.unlink()
    cells = [
        *(answer("a", "1"), check("a", "assert a == 1", 1, hidden="from autograder.core.values import same")),
        *(answer("b", "2"), check("b", "assert b == 2 or all(True for v in range(b * 10**12))", 2)),
        *(answer("c", "3"), check("c", "assert c == 3", 4)),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, folder / "one.ipynb")
    handout = tmp_path / "handout"
    handout.mkdir()
    nbformat.write(notebook, handout / "one.ipynb")
    return tmp_path, handout


def scores(root):
    room = course_directory.Classroom(root)
    with room.gradebook() as gradebook:
        return {one.student_id: one.score for one in gradebook.assignment_submissions(NAME)}


def test_one_submission_leaves_nothing_for_the_next(course):
    root, handout = course
    answers = {
        "ann": ("a = 1", "b = 2", "c = 3"),
        "bob": ("", "b = 2", "pass"),
        "cyd": ("same = a = 1", "b = 1", "c = 3"),
        "dee": ("a = True", "b = 2.0", "c = [3]"),
    }
    for student, sources in answers.items():
        cells = dict(zip(("a-answer", "b-answer", "c-answer"), sources, strict=True))
        hand_in(root, student, handout, cells, names=("one",))
    room = course_directory.Classroom(root)
    with closing(Engine(Settings(Limits(cell_seconds=2), workers=1))) as engine:
        done = dict(engine.grade(room, NAME, ["ann", "bob", "cyd", "dee"]))
    assert not any(one.reason for one in done.values())
    # cyd's b makes the test run for ever: it costs that exercise, and not the one that was sent behind it.
    assert scores(root) == {"ann": 7, "bob": 2, "cyd": 5, "dee": 3}


def test_the_assignment_is_registered_once_and_again_when_anything_changed(course):
    root, _ = course
    room = course_directory.Classroom(root)
    assert registration.register(room, NAME)
    assert not registration.register(room, NAME)
    with room.gradebook() as gradebook:
        gradebook.find_grade_cell("c", "one", NAME).max_score = 99
        gradebook.db.commit()
    assert registration.register(room, NAME)  # somebody changed the gradebook
    with room.gradebook() as gradebook:
        assert gradebook.find_grade_cell("c", "one", NAME).max_score == 4
    source = root / "source" / NAME / "one.ipynb"
    source.write_text(source.read_text().replace("assert c == 3", "assert c == 4"))
    assert registration.register(room, NAME)
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + "\n# another\n")
    assert registration.register(course_directory.Classroom(root), NAME)
    assert not registration.register(course_directory.Classroom(root), NAME)


def test_grades_csv_is_nbgraders(course, tmp_path):
    from nbgrader.plugins import CsvExportPlugin

    root, handout = course
    hand_in(root, "ann", handout, {"a-answer": "a = 1"}, names=("one",), stamp="2030-01-09 12:00:00 UTC")
    room = course_directory.Classroom(root)
    with closing(Engine(Settings(Limits(), workers=1))) as engine:
        list(engine.grade(room, NAME, ["ann"]))
    with room.gradebook() as gradebook:
        gradebook.add_student("zoe", first_name="Z", last_name="A", email="z@example.org")
        gradebook.add_student("yan", first_name="Y")
        gradebook.add_assignment("other", duedate="2030-01-01")
        CsvExportPlugin(to=str(tmp_path / "theirs.csv")).export(gradebook)
    export(room, tmp_path / "ours.csv")
    assert (tmp_path / "ours.csv").read_text() == (tmp_path / "theirs.csv").read_text()
    assert len((tmp_path / "ours.csv").read_text().splitlines()) == 1 + 2 * 3


def test_a_new_gradebook_is_marked_as_nbgrader_marks_it():
    code = "from nbgrader.dbutil import _alembic; _alembic('heads')"
    path = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    command = [sys.executable, "-c", code]
    said = subprocess.check_output(command, text=True, env=path, stderr=subprocess.DEVNULL)
    assert said.split()[0] == course_directory._newest_schema()
