"""Plans as JSON, the key of a trial, and the file that keeps one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.grading.trial.reading.reasons import Reason, Why
from autograder.grading.trial.store import KeptTrial, forget_trial, path_of, read_trial, write_trial
from autograder.grading.trial.trial_key import Surroundings, imported_modules, trial_key, versions_of
from autograder.grading.trial.trial_plan import (
    PlannedTest,
    Shared,
    TrialPlan,
    Walled,
    all_shared,
    all_walled,
)

PLAN = TrialPlan(
    {
        "t1": PlannedTest(2.0, 2.0, False, Walled(pure=True)),
        "t2": PlannedTest(1.0, 0.5, True, Walled(pure=False)),
        "t3": PlannedTest(
            1.0,
            None,
            False,
            Shared((Reason(Why.REACHES, "line 3 deletes hé", 3), Reason(Why.TEACHER, "x")), in_process=True),
        ),
    }
)
TRIAL = KeptTrial("key", {"nb": PLAN, "other": TrialPlan({})})


def test_a_plan_survives_json():
    assert TrialPlan.from_json(json.loads(json.dumps(PLAN.to_json()))) == PLAN
    assert list(TrialPlan.from_json(PLAN.to_json()).tests) == ["t1", "t2", "t3"]


def broken(change):
    text = json.loads(json.dumps(PLAN.to_json()))
    change(text)
    return text


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.update(version=2),
        lambda plan: plan.update(version="1"),
        lambda plan: plan.pop("version"),
        lambda plan: plan.update(more=1),
        lambda plan: plan.update(tests=[]),
        lambda plan: plan["tests"].update(t1=None),
        lambda plan: plan["tests"]["t1"].update(points="2"),
        lambda plan: plan["tests"]["t1"].update(points=True),
        lambda plan: plan["tests"]["t1"].update(points=float("nan")),
        lambda plan: plan["tests"]["t1"].update(points=-1),
        lambda plan: plan["tests"]["t1"].update(partial=0),
        lambda plan: plan["tests"]["t1"].update(shared={"in_process": False, "reasons": []}),
        lambda plan: plan["tests"]["t1"]["walled"].update(pure="yes"),
        lambda plan: plan["tests"]["t3"]["shared"].update(reasons=[]),
        lambda plan: plan["tests"]["t3"]["shared"].update(reasons=[["new rule", "x", 0]]),
        lambda plan: plan["tests"]["t3"]["shared"].update(reasons=[["names", 1, 0]]),
        lambda plan: plan["tests"]["t3"]["shared"].update(reasons=[["names", "x"]]),
    ],
)
def test_anything_else_is_no_plan(change):
    with pytest.raises(ValueError):
        TrialPlan.from_json(broken(change))


@pytest.mark.parametrize("found", [None, [], "x", 1, {}])
def test_no_object_is_no_plan(found):
    with pytest.raises(ValueError, match="no object"):
        TrialPlan.from_json(found)


def test_a_plan_without_a_trial_is_all_one_way():
    points = {"t": 1.0, "u": 2.0}
    assert all_walled(points, pure=["u"]).walled == ("t", "u")
    assert all_shared(points, Reason(Why.UNTRIED, "x")).shared == ("t", "u")


def test_a_kept_trial_is_read_again(tmp_path):
    write_trial(tmp_path, "ps1", TRIAL)
    assert read_trial(tmp_path, "ps1", "key") == TRIAL


def test_a_newer_trial_takes_the_place_of_an_older(tmp_path):
    write_trial(tmp_path, "ps1", TRIAL)
    write_trial(tmp_path, "ps1", replace(TRIAL, key="new"))
    assert read_trial(tmp_path, "ps1", "key") is None
    assert read_trial(tmp_path, "ps1", "new") is not None
    assert [path.name for path in (tmp_path / ".trials").iterdir()] == ["ps1.json"]


def test_no_trial_is_kept_at_first(tmp_path):
    assert read_trial(tmp_path, "ps1", "key") is None
    assert list(tmp_path.iterdir()) == []


def test_a_forgotten_trial_is_run_again(tmp_path):
    write_trial(tmp_path, "ps1", TRIAL)
    forget_trial(tmp_path, "ps1")
    forget_trial(tmp_path, "ps1")
    assert read_trial(tmp_path, "ps1", "key") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"key": "key"}',
        b'{"key": "key", "plans": []}',
        b'{"key": "key", "plans": {"nb": {}}}',
        b'{"key": "key", "plans": {"nb": {"version": 0, "tests": {}}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_or_older_file_is_no_trial(tmp_path, content):
    path = path_of(tmp_path, "ps1")
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_trial(tmp_path, "ps1", "key") is None


HERE = Surroundings("autograder 1", "3.11.7", {"numpy": "2.4.6"}, {"cell_seconds": 30.0}, 1)


def test_the_same_has_the_same_key():
    again = Surroundings("autograder 1", "3.11.7", {"numpy": "2.4.6"}, {"cell_seconds": 30.0}, 1)
    assert trial_key("digest", {"nb": b"x"}, HERE) == trial_key("digest", {"nb": b"x"}, again)


@pytest.mark.parametrize(
    "other",
    [
        trial_key("another", {"nb": b"x"}, HERE),
        trial_key("digest", {"nb": b"y"}, HERE),
        trial_key("digest", {}, HERE),
        *(
            trial_key("digest", {"nb": b"x"}, replace(HERE, **change))
            for change in (
                {"engine": "autograder 2"},
                {"python": "3.12.0"},
                {"packages": {"numpy": "2.5.0"}},
                {"limits": {"cell_seconds": 60.0}},
                {"tier": 2},
            )
        ),
    ],
)
def test_whatever_could_change_a_trial_changes_its_key(other):
    assert other != trial_key("digest", {"nb": b"x"}, HERE)


def test_imported_libraries_are_those_of_cells_and_of_modules_beside_the_notebook():
    files = {"helper.py": b"import scipy.linalg\nfrom . import x", "data.csv": b"import nothing"}
    cells = [
        "import numpy as np, helper\n%matplotlib inline",
        "def f():\n    from sympy import Symbol",
        "not python (",
    ]
    assert imported_modules(cells, files) == ("numpy", "scipy", "sympy")


def test_versions_are_those_that_are_installed():
    import numpy

    assert versions_of(["numpy", "math", "no_such_library"]) == {"numpy": f"numpy {numpy.__version__}"}
