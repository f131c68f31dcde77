"""A whole notebook of the teacher's, read for the plan and for submissions."""

from __future__ import annotations

import pytest

from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.teacher_text import TeacherText
from autograder.grading.trial.trial_plan import all_shared, all_walled
from tests.support.trial_cells import answer, check, given, notebook

SETUP = given("import numpy as np\ndef near(a, b): return abs(a - b) < 1e-9")
ANSWER = answer("a", "def f(x): return x")
PLAIN = check("t", "assert near(f(1), 1)", points=2.0)


def text(*cells, files=None, kept=()):
    return TeacherText(notebook(*cells), files or {}, kept)


def test_points_are_the_tests_in_order():
    assert text(SETUP, ANSWER, PLAIN, check("u", "f(2)")).points == {"t": 2.0, "u": 1.0}


def test_a_plain_test_may_be_walled():
    assert text(SETUP, ANSWER, PLAIN).reach == {"t": ()}


def test_one_test_with_the_numbers_of_cells_shares_the_whole_notebook():
    found = text(SETUP, ANSWER, PLAIN, check("u", "assert _ == 1")).reach
    assert [one.why for one in found["t"]] == [Why.SHELL]
    assert [one.why for one in found["u"]] == [Why.REACHES]


def test_a_tag_of_the_instructor_shares_a_test():
    found = text(SETUP, ANSWER, check("t", "assert f(1) == 1", "same-process")).reach
    assert found["t"][0].why is Why.CHOSEN


def test_cells_that_only_illustrate_are_not_read():
    found = text(SETUP, ANSWER, check("t", "x = 3\nassert f(x)"), given("print(x)", "not-graded"))
    assert found.bound(["t"], []) == {}
    plan, reasons, _ = found.plan_for(
        [ANSWER, check("t", "x = 3"), given("print(x)")], all_walled({"t": 1.0}, ())
    )
    assert reasons == {}
    assert plan.walled == ("t",)


def test_modules_that_learners_hand_in_share_their_tests():
    found = text(ANSWER, check("t", "from work import g\nassert g(1) == 1"), kept=["work.py"]).reach
    assert found["t"][0].text == "line 1 imports work, which the learner hands in"


def test_a_submission_gets_its_own_plan():
    teacher, plan = text(SETUP, ANSWER, PLAIN), all_walled({"t": 2.0}, ())
    honest = [SETUP, answer("a", "def f(x): return 1 * x"), PLAIN]
    assert teacher.plan_for(honest, plan) == (plan, {}, {})
    other = [SETUP, answer("a", "def f(x): return 7\ndef near(a, b): return True"), PLAIN]
    own, reasons, _ = teacher.plan_for(other, plan)
    assert own.shared == ("t",)
    assert reasons["t"].text == "this learner gives near another value (cell 2, line 2)"


def test_a_name_that_only_the_learners_functions_use_is_theirs_to_redefine():
    teacher, plan = text(SETUP, given("scale = 1"), ANSWER, PLAIN), all_walled({"t": 2.0}, ())
    own = answer("a", "scale = 2\ndef f(x): return x * scale")
    assert teacher.plan_for([SETUP, given("scale = 1"), own, PLAIN], plan)[1] == {}


def test_a_learners_text_that_is_too_long_is_not_read():
    teacher, plan = text(SETUP, ANSWER, PLAIN), all_walled({"t": 2.0}, ())
    cells = [SETUP, answer("a", "def f(x): return x\n" + "y = 1\n" * 11_000), PLAIN]
    own, reasons, forced = teacher.plan_for(cells, plan)
    assert reasons["t"].why is Why.LONG
    assert own.shared == ("t",)
    assert set(forced) == {"t"}


@pytest.mark.parametrize(
    "own",
    [
        "this is no Python (",
        "(" * 1000,
        "-" * 20_000 + "1",
        "a" + ".b" * 10_000,
        "lambda:" * 3000 + "1",
        "\x00",
        "nonlocal y",
        "return 1",
        "from .. import *",
        "x = *a",
        "match x:\n    case [*_]: pass",
        "%%time\n" * 100,
    ],
)
def test_whatever_a_learner_wrote_gives_a_plan(own):
    teacher, plan = text(SETUP, ANSWER, PLAIN), all_walled({"t": 2.0}, ())
    assert teacher.plan_for([SETUP, answer("a", own), PLAIN, given(own)], plan)[0].walled == ("t",)


def test_shared_tests_are_placed_by_the_submissions_own_cells():
    teacher = text(SETUP, ANSWER, check("t", "seen = vars(f)"))
    plan = all_shared(teacher.points, Reason(Why.REACHES, "x"))
    cells = [SETUP, ANSWER, check("t", "seen = vars(f)")]
    assert teacher.plan_for(cells, plan)[2] == {}
    assert teacher.plan_for([*cells, given("print(seen)")], plan)[2] == {
        "t": "a given cell uses seen, which the test may change"
    }
