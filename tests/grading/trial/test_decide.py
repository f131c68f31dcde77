"""Walled or shared, by made-up results of the trial's runs."""

from __future__ import annotations

import pytest

from autograder.grading.trial.decide import Mode, Result, Run, draft, for_learner, settle
from autograder.grading.trial.mark_rule import Counted, Flagged, counted
from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.trial_plan import PlannedTest, Shared, TrialPlan, Walled

FULL, NONE = Result(1.0), Result(0.0)
SOURCES = ["teacher", "release", "without a"]


def runs(changes=(), mode=Mode.WALLED, sources=SOURCES, tests=("t", "u"), repetitions=2):
    """Runs in which the teacher gets everything and nobody else anything, but for `changes`.

    A change is (source, mode or None for both, repetition or None for all, test): result.
    """
    made = []
    for source in sources:
        for one in (Mode.ONE_PROCESS, mode):
            for repetition in range(repetitions):
                results = dict.fromkeys(tests, FULL if source == "teacher" else NONE)
                for (who, how, when, test), result in dict(changes).items():
                    if who == source and how in (None, one) and when in (None, repetition):
                        results[test] = result
                made.append(Run(source, one, repetition, results))
    return made


def free(walled, shared):
    return {}


def drafted(changes=(), *, reach=None, pure=(), bound=free, points=None, **more):
    return draft(points or {"t": 1.0, "u": 1.0}, runs(changes, **more), reach or {}, pure, bound)


def why(plan, name="t"):
    way = plan.tests[name].way
    return [one.why for one in way.reasons] if isinstance(way, Shared) else []


def test_a_test_that_agrees_everywhere_is_walled():
    plan = drafted(pure=["u"])
    assert plan.walled == ("t", "u")
    assert plan.tests["t"].way == Walled(pure=False)
    assert plan.tests["u"].way == Walled(pure=True)
    assert plan.tests["t"].teacher == 1.0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Rule 1.
        ({("teacher", None, None, "t"): NONE}, Why.TEACHER),
        ({("teacher", None, None, "t"): Result(0.5)}, Why.TEACHER),
        ({("teacher", Mode.ONE_PROCESS, 1, "t"): NONE}, Why.TEACHER),
        ({("teacher", Mode.WALLED, 1, "t"): NONE}, Why.DIFFERS),
        ({("teacher", Mode.WALLED, None, "t"): Result(None)}, Why.UNTRIED),
        ({("teacher", Mode.WALLED, None, "t"): Result(1.0, "array([1])")}, Why.DIFFERS),
        # Rule 2.
        ({("release", Mode.WALLED, None, "t"): FULL}, Why.DIFFERS),
        ({("release", Mode.ONE_PROCESS, None, "t"): FULL}, Why.DIFFERS),
        ({("without a", Mode.WALLED, None, "t"): Result(0.5, "0.5")}, Why.DIFFERS),
        ({("without a", Mode.WALLED, None, "t"): Result(0.0, "bits")}, Why.DIFFERS),
        ({("without a", None, 1, "t"): Result(0.5, "0.5")}, Why.CHANGES),
        ({("release", Mode.WALLED, 0, "t"): Result(None)}, Why.UNTRIED),
        ({("release", None, None, "t"): FULL, ("without a", None, None, "t"): FULL}, Why.VACUOUS),
    ],
)
def test_a_test_that_breaks_a_rule_is_shared(changes, expected):
    plan = drafted(changes)
    assert why(plan) == [expected]
    assert why(plan, "u") == []


def test_one_source_that_earns_less_is_enough():
    assert drafted({("release", None, None, "t"): FULL}).walled == ("t", "u")


@pytest.mark.parametrize("more", [{"repetitions": 1}, {"sources": ["teacher"]}, {"sources": SOURCES[1:]}])
def test_too_few_runs_prove_nothing(more):
    assert why(drafted(**more)) == [Why.UNTRIED]


def test_a_test_without_results_is_untried():
    assert why(drafted(tests=["u"])) == [Why.UNTRIED]


def test_a_test_that_one_run_lacks_could_not_be_graded():
    made = runs()
    lacks = Run("release", Mode.WALLED, 2, {"u": NONE})
    plan = draft({"t": 1.0, "u": 1.0}, [*made, lacks], {}, (), free)
    assert why(plan) == [Why.UNTRIED]
    assert why(plan, "u") == []


def test_a_test_worth_nothing_is_shared():
    changes = {("teacher", None, None, "t"): NONE}
    assert why(drafted(changes, points={"t": 0.0, "u": 1.0})) == [Why.VACUOUS]


def test_what_the_text_says_is_kept_beside_what_the_runs_show():
    reach = {"t": [Reason(Why.REACHES, "line 1 opens a file (open)", 1)]}
    assert why(drafted(reach=reach)) == [Why.REACHES]
    assert why(drafted({("release", Mode.WALLED, None, "t"): FULL}, reach=reach)) == [
        Why.REACHES,
        Why.DIFFERS,
    ]


def test_a_number_that_the_teacher_shows_makes_the_mark_a_number():
    assert drafted({("teacher", None, None, "t"): Result(1.0, "1.0")}).tests["t"].partial
    assert not drafted({("teacher", None, None, "t"): Result(1.0, "right")}).tests["t"].partial


def test_rule_4_is_asked_with_what_the_runs_left():
    asked = []

    def bound(walled, shared):
        asked.append((tuple(walled), tuple(shared)))
        return {"u": Reason(Why.NAMES, "reads x, which the shared test t sets")}

    plan = drafted({("teacher", None, None, "t"): NONE}, bound=bound)
    assert asked == [(("u",), ("t",))]
    assert why(plan, "u") == [Why.NAMES]


def mixed(changes=()):
    return runs(changes, mode=Mode.MIXED, sources=["teacher"])


def test_a_plan_that_changes_nothing_is_the_last():
    plan = drafted()
    assert settle(plan, mixed(), free, 0) == (plan, True)


def test_a_walled_test_that_differs_in_the_mixed_run_is_shared():
    plan, last = settle(drafted(), mixed({("teacher", Mode.MIXED, None, "t"): NONE}), free, 0)
    assert why(plan) == [Why.MIXED]
    assert plan.walled == ("u",)
    assert not last


def test_a_shared_test_that_differs_puts_shared_tests_into_the_process():
    before = drafted({("release", Mode.WALLED, None, "t"): FULL})
    plan, last = settle(before, mixed({("teacher", Mode.MIXED, 1, "t"): NONE}), free, 0)
    assert plan.tests["t"].way.in_process
    assert plan.walled == ("u",)
    assert not last


def test_where_that_does_not_help_everything_is_shared():
    before = drafted({("release", Mode.WALLED, None, "t"): FULL})
    differs = mixed({("teacher", Mode.MIXED, None, "t"): NONE})
    plan, _ = settle(before, differs, free, 0)
    plan, last = settle(plan, differs, free, 1)
    assert plan.walled == ()
    assert all(test.way.in_process for test in plan.tests.values())
    assert last


def test_settling_always_ends():
    plan, differs = drafted(), mixed({("teacher", Mode.MIXED, None, "u"): NONE})
    for rounds in range(10):
        plan, last = settle(plan, differs, free, rounds)
        if last:
            break
    assert rounds <= 4
    assert plan.walled == ()


def test_tests_without_a_mixed_result_differ():
    plan, _ = settle(drafted(), runs(sources=["teacher"]), free, 0)
    assert plan.walled == ()


def test_the_plan_for_a_learner_shares_more_and_leaves_the_rest():
    reason = Reason(Why.REDEFINED, "this learner gives x another value")
    plan = for_learner(drafted(), {"t": reason})
    assert plan.tests["t"].way == Shared((reason,))
    assert plan.walled == ("u",)


# The rule of the mark.

PURE, WITNESS = (PlannedTest(1.0, 1.0, False, Walled(pure)) for pure in (True, False))
SHARED = PlannedTest(1.0, 1.0, False, Shared((Reason(Why.REACHES, "x"),)))


@pytest.mark.parametrize(
    ("test", "wall", "own", "more", "expected"),
    [
        (PURE, NONE, FULL, {"exact": True}, Counted(0.0)),
        (PURE, NONE, None, {"exact": True}, Counted(0.0)),
        (WITNESS, FULL, FULL, {}, Counted(1.0)),
        (WITNESS, NONE, None, {}, Counted(0.0)),
        (SHARED, None, FULL, {}, Counted(1.0)),
    ],
)
def test_marks_that_are_not_flagged(test, wall, own, more, expected):
    assert counted(test, wall, own, **more) == expected


@pytest.mark.parametrize(
    ("test", "wall", "own", "points"),
    [(PURE, NONE, FULL, 1.0), (WITNESS, NONE, FULL, 1.0), (WITNESS, FULL, NONE, 0.0)],
)
def test_a_disagreement_is_nbgraders_mark_and_a_flag(test, wall, own, points):
    found = counted(test, wall, own)
    assert found.points == points
    assert "apart from it" in found.flag
    assert counted(test, wall, own, flagged=Flagged.ZERO).points == 0.0
    assert counted(test, wall, own, flagged=Flagged.WAIT).points is None


def test_exact_values_do_not_make_a_witness_the_judge():
    assert counted(WITNESS, NONE, FULL, exact=True).points == 1.0


def test_a_mark_that_shows_another_kind_of_value_is_a_disagreement():
    assert counted(WITNESS, Result(1.0), Result(1.0, "array([1])")).flag


def test_what_is_shared_for_a_learner_alone_is_flagged():
    reason = Reason(Why.REDEFINED, "this learner gives sum another value")
    assert counted(SHARED, None, FULL, learner=reason) == Counted(1.0, reason.text)
    assert counted(SHARED, None, Result(0.0), learner=reason) == Counted(0.0)


def test_no_number_where_the_teacher_shows_one_is_flagged():
    partial = PlannedTest(1.0, 1.0, True, SHARED.way)
    assert counted(partial, None, Result(1.0, "array([0])")).flag
    assert not counted(partial, None, Result(0.5, "0.5")).flag
    assert not counted(partial, None, Result(0.0)).flag


def test_a_shared_test_without_a_result_is_a_fault():
    with pytest.raises(ValueError, match="no result"):
        counted(SHARED, FULL, None)


def test_a_plan_may_be_empty():
    assert draft({}, [], {}, (), free) == TrialPlan({})


PARTIAL = PlannedTest(2.0, 2.0, True, Walled(False))


def test_partial_credit_that_is_no_number_earns_nothing_apart():
    assert counted(PARTIAL, Result(2.0, ""), None) == Counted(0.0)
    assert counted(PARTIAL, Result(1.5, "1.5"), None) == Counted(1.5)
    assert counted(PARTIAL, Result(2.0, ""), Result(2.0, "2.0")).flag
    assert not counted(PARTIAL, Result(0.0, ""), Result(0.0, "")).flag
