"""What `grade` says of a trial."""

from __future__ import annotations

from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.trial_plan import PlannedTest, Shared, TrialPlan, Walled
from autograder.grading.trial.words import Row, Setting, explain_rows, paragraph


def walled(points=1.0, *, pure=True):
    return PlannedTest(points, points, False, Walled(pure))


def shared(why, text, points=1.0, teacher=1.0, *, in_process=False):
    return PlannedTest(points, teacher, False, Shared((Reason(why, text),), in_process))


def said(tests, setting=Setting.TRIAL):
    return paragraph("ps1", {"nb": TrialPlan(tests)}, setting)


def test_where_all_is_walled_one_sentence_says_so():
    assert said({"t": walled(), "u": walled()}) == "All 2 tests of ps1 run apart from the learner's process."


def test_shared_tests_are_counted_by_their_reason():
    tests = {f"t{i}": walled() for i in range(6)}
    tests["u"] = shared(Why.REACHES, "line 3 deletes helper")
    tests["v"] = shared(Why.REACHES, "line 1 opens a file (open)")
    tests["w"] = shared(Why.DIFFERS, "gives 0 walled")
    assert said(tests) == (
        "Of the 9 tests of ps1, 6 run apart from the learner's process and 3 in it, as in nbgrader:"
        " 2 reach past values (files, patches, the text of functions, ...);"
        " 1 give another result when run apart."
        " Each test: autograder grade ps1 --explain"
    )


def test_the_teachers_own_lost_points_are_named():
    text = said({"t": walled(5), "bad": shared(Why.TEACHER, "x", points=2, teacher=0.5)})
    assert "Your own solution does not get full points in bad (0.5 of 2); look at these tests." in text


def test_many_lost_points_are_cut_short():
    text = said({f"b{i}": shared(Why.TEACHER, "x", teacher=0.0) for i in range(10)})
    assert "b7 (0 of 1) and 2 more;" in text


def test_more_than_a_third_of_the_points_shared_is_said():
    line = "2 of 5 points are no better protected than in nbgrader."
    assert line in said({"t": walled(3), "u": shared(Why.REACHES, "x", points=2, teacher=2)})
    assert "no better" not in said({"t": walled(2), "u": shared(Why.REACHES, "x")})


def test_without_a_wall_it_is_said_aloud():
    assert said({"t": shared(Why.UNTRIED, "x")}, Setting.NEVER) == "1 test of ps1 not protected: as nbgrader."


def test_an_assignment_without_tests_is_said():
    assert said({}) == "ps1 has no tests."


def test_the_table_has_a_row_a_test():
    tests = {
        "t": walled(2),
        "u": walled(pure=False),
        "v": shared(Why.REACHES, "line 3 deletes helper", in_process=True),
    }
    assert explain_rows({"nb": TrialPlan(tests)}) == [
        Row("nb", "t", 2, 2, "isolated", ""),
        Row("nb", "u", 1, 1, "isolated, and in the learner's process", ""),
        Row("nb", "v", 1, 1, "in the learner's process", "line 3 deletes helper"),
    ]
